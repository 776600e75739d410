namespace Vigia.Core.Staff;

/// <summary>The names of what a member of staff may do. Services demand them; pages only hide what is not held.</summary>
public static class Rights
{
    public const string TenantsView = "tenants.view";
    public const string TenantsCreate = "tenants.create";
    public const string TenantsUpdate = "tenants.update";
    public const string TenantsProvision = "tenants.provision";
    public const string TenantsToggle = "tenants.toggle";
    public const string TenantsDeleteSoft = "tenants.delete.soft";
    public const string TenantsDeleteHard = "tenants.delete.hard";
    public const string TenantsRestore = "tenants.restore";
    public const string TenantsInvite = "tenants.invite";
    public const string TenantsInvitationReveal = "tenants.invitation.reveal";

    /// <summary>Brings existing clients' databases to this build's schema.</summary>
    public const string TenantsSchemaMigrate = "tenants.schema.migrate";
    public const string OperationsView = "operations.view";
    public const string OperationsControl = "operations.control";
    public const string WorkersPause = "workers.pause";
    public const string PlansUpdate = "plans.update";
    public const string MasterIdentityResolve = "master.identity.resolve";

    /// <summary>Having the isolation of clients proved now.</summary>
    public const string TenantsIsolationProve = "tenants.isolation.prove";

    /// <summary>Giving a client's database a new login role in place of the present one.</summary>
    public const string TenantsCredentialRotate = "tenants.credential.rotate";

    /// <summary>Closing the databases of the server that PostgreSQL leaves open to everybody.</summary>
    public const string ServerPrepare = "server.prepare";

    public const string TenantsExport = "tenants.export";
    public const string TenantsRucCorrect = "tenants.ruc.correct";
    public const string TenantsDemoData = "tenants.demo_data";
    public const string ApprovalsDecide = "approvals.decide";
    public const string AuditView = "audit.view";
    public const string AuditVerify = "audit.verify";
    public const string AuditExport = "audit.export";
    public const string StaffView = "staff.view";
    public const string StaffManage = "staff.manage";

    /// <summary>One's own second factor, passkeys, sessions and API tokens.</summary>
    public const string AccountOwn = "account.own";

    /// <summary>Every right there is.</summary>
    public static readonly IReadOnlyList<string> All =
    [
        TenantsView, TenantsCreate, TenantsUpdate, TenantsProvision, TenantsToggle, TenantsDeleteSoft, TenantsDeleteHard, TenantsRestore,
        TenantsInvite, TenantsInvitationReveal, OperationsView, OperationsControl, WorkersPause, PlansUpdate, MasterIdentityResolve,
        TenantsExport, TenantsRucCorrect, TenantsDemoData, TenantsSchemaMigrate, TenantsIsolationProve, TenantsCredentialRotate, ServerPrepare,
        ApprovalsDecide, AuditView, AuditVerify, AuditExport, StaffView, StaffManage, AccountOwn,
    ];

    /// <summary>The one table of which role holds which right.</summary>
    public static readonly IReadOnlyDictionary<string, IReadOnlySet<string>> ByRole = new Dictionary<string, IReadOnlySet<string>>
    {
        [StaffRoles.Administrator] = All.ToHashSet(),
        [StaffRoles.Operator] = new HashSet<string>
        {
            TenantsView, TenantsCreate, TenantsUpdate, TenantsProvision, TenantsToggle, TenantsDeleteSoft, TenantsRestore, TenantsInvite, TenantsInvitationReveal,
            TenantsExport, TenantsDemoData, TenantsSchemaMigrate, TenantsIsolationProve, TenantsCredentialRotate, OperationsView, OperationsControl, AccountOwn,
        },
        [StaffRoles.Support] = new HashSet<string> { TenantsView, TenantsToggle, TenantsInvite, OperationsView, AccountOwn },
        [StaffRoles.Auditor] = new HashSet<string> { TenantsView, TenantsExport, TenantsIsolationProve, OperationsView, AuditView, AuditVerify, AuditExport, AccountOwn },
    };
}

/// <summary>The roles of staff.</summary>
public static class StaffRoles
{
    /// <summary>Everything.</summary>
    public const string Administrator = "Administrator";

    /// <summary>Creates, changes, provisions, restores; no hard delete, no staff.</summary>
    public const string Operator = "Operator";

    /// <summary>Looks, suspends, reactivates, has an invitation sent to the address on file.</summary>
    public const string Support = "Support";

    /// <summary>Looks, verifies, exports; may be limited to chosen clients, with an end date.</summary>
    public const string Auditor = "Auditor";

    public static readonly IReadOnlyList<string> All = [Administrator, Operator, Support, Auditor];
}
