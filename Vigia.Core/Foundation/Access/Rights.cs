namespace Vigia.Core.Foundation.Access;

/// <summary>
/// The names of the rights of staff. Services demand rights. Pages only hide actions whose right the person does not
/// hold.
/// </summary>
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
    /// <summary>Reclaims a tenant's database that lost the portal's marker.</summary>
    public const string TenantsReclaim = "tenants.reclaim";

    /// <summary>Adopts the database of one tenant, confirms, undoes and completes the adoption.</summary>
    public const string TenantsAdopt = "tenants.adopt";

    /// <summary>Adopts the databases of many tenants in one operation.</summary>
    public const string TenantsAdoptMany = "tenants.adopt.many";
    public const string TenantsInvite = "tenants.invite";
    public const string TenantsInvitationReveal = "tenants.invitation.reveal";

    /// <summary>Upgrades existing tenant databases to the schema version of this build.</summary>
    public const string TenantsSchemaMigrate = "tenants.schema.migrate";
    public const string OperationsView = "operations.view";
    public const string OperationsControl = "operations.control";
    public const string WorkersPause = "workers.pause";
    public const string PlansUpdate = "plans.update";
    public const string MasterIdentityResolve = "master.identity.resolve";

    /// <summary>Runs the proof of isolation of a tenant now.</summary>
    public const string TenantsIsolationProve = "tenants.isolation.prove";

    /// <summary>Rotates a tenant's credential: a new login role replaces the present one.</summary>
    public const string TenantsCredentialRotate = "tenants.credential.rotate";

    /// <summary>Closes the databases of the server that PostgreSQL opens to every role.</summary>
    public const string ServerPrepare = "server.prepare";

    public const string TenantsExport = "tenants.export";
    public const string TenantsRucCorrect = "tenants.ruc.correct";

    /// <summary>Gives a tenant another sub-domain, and the former one back.</summary>
    public const string TenantsRename = "tenants.rename";

    /// <summary>Asks which tenant a request is for, and why it does or does not reach a database.</summary>
    public const string TenantsDiagnose = "tenants.diagnose";
    public const string TenantsDemoData = "tenants.demo_data";

    /// <summary>Converts a demo tenant into a production tenant. This is final.</summary>
    public const string TenantsConvert = "tenants.convert";
    public const string ApprovalsDecide = "approvals.decide";
    public const string AuditView = "audit.view";
    public const string AuditVerify = "audit.verify";
    public const string AuditExport = "audit.export";
    public const string StaffView = "staff.view";
    public const string StaffManage = "staff.manage";

    /// <summary>Makes, changes and ends service accounts, which are identities for programs.</summary>
    public const string ServiceAccountsManage = "service_accounts.manage";

    /// <summary>Changes the person's own second factor, passkeys, sessions and API tokens.</summary>
    public const string AccountOwn = "account.own";

    /// <summary>All rights.</summary>
    public static readonly IReadOnlyList<string> All =
    [
        TenantsView, TenantsCreate, TenantsUpdate, TenantsProvision, TenantsToggle, TenantsDeleteSoft,
        TenantsDeleteHard, TenantsRestore, TenantsReclaim, TenantsAdopt, TenantsAdoptMany,
        TenantsInvite, TenantsInvitationReveal, OperationsView, OperationsControl, WorkersPause, PlansUpdate,
        MasterIdentityResolve,
        TenantsExport, TenantsRucCorrect, TenantsRename, TenantsDiagnose, TenantsDemoData, TenantsConvert,
        TenantsSchemaMigrate, TenantsIsolationProve,
        TenantsCredentialRotate, ServerPrepare,
        ApprovalsDecide, AuditView, AuditVerify, AuditExport, StaffView, StaffManage, ServiceAccountsManage,
        AccountOwn,
    ];

    /// <summary>The only place that says which role holds which right.</summary>
    public static readonly IReadOnlyDictionary<string, IReadOnlySet<string>> ByRole = new Dictionary<string,
    IReadOnlySet<string>>
    {
        [StaffRoles.Administrator] = All.ToHashSet(),
        [StaffRoles.Operator] = new HashSet<string>
        {
            TenantsView, TenantsCreate, TenantsUpdate, TenantsProvision, TenantsToggle, TenantsDeleteSoft,
            TenantsRestore, TenantsReclaim, TenantsAdopt, TenantsInvite, TenantsInvitationReveal, TenantsDiagnose,
            TenantsExport, TenantsDemoData, TenantsConvert, TenantsSchemaMigrate, TenantsIsolationProve,
            TenantsCredentialRotate, OperationsView, OperationsControl, AccountOwn,
        },
        [StaffRoles.Support] =
            new HashSet<string>
            {
                TenantsView, TenantsToggle, TenantsInvite, TenantsDiagnose, OperationsView, AccountOwn,
            },
        [StaffRoles.Auditor] =
            new HashSet<string> { TenantsView, TenantsExport, TenantsIsolationProve, OperationsView, AuditView,
            AuditVerify, AuditExport, AccountOwn },
    };
}

/// <summary>The roles of staff.</summary>
public static class StaffRoles
{
    /// <summary>Holds all rights.</summary>
    public const string Administrator = "Administrator";

    /// <summary>
    /// Creates, changes, provisions and restores tenants. May not move to the trash, destroy or manage staff.
    /// </summary>
    public const string Operator = "Operator";

    /// <summary>Views, suspends and reactivates tenants, and sends invitations to the address on file.</summary>
    public const string Support = "Support";

    /// <summary>Views, verifies and exports. May be limited to chosen tenants, with an end date.</summary>
    public const string Auditor = "Auditor";

    public static readonly IReadOnlyList<string> All = [Administrator, Operator, Support, Auditor];
}
