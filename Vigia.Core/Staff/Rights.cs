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
    public const string OperationsView = "operations.view";
    public const string OperationsControl = "operations.control";
    public const string WorkersPause = "workers.pause";
    public const string PlansUpdate = "plans.update";
    public const string MasterIdentityResolve = "master.identity.resolve";

    public const string AuditView = "audit.view";
    public const string AuditVerify = "audit.verify";

    /// <summary>Every right there is.</summary>
    public static readonly IReadOnlyList<string> All =
    [
        TenantsView, TenantsCreate, TenantsUpdate, TenantsProvision, TenantsToggle, TenantsDeleteSoft, TenantsDeleteHard, TenantsRestore,
        TenantsInvite, TenantsInvitationReveal, OperationsView, OperationsControl, WorkersPause, PlansUpdate, MasterIdentityResolve,
        AuditView, AuditVerify,
    ];

    /// <summary>The one table of which role holds which right.</summary>
    public static readonly IReadOnlyDictionary<string, IReadOnlySet<string>> ByRole = new Dictionary<string, IReadOnlySet<string>>
    {
        [StaffRoles.Administrator] = All.ToHashSet(),
        [StaffRoles.Operator] = new HashSet<string>
        {
            TenantsView, TenantsCreate, TenantsUpdate, TenantsProvision, TenantsToggle, TenantsDeleteSoft, TenantsRestore, TenantsInvite, TenantsInvitationReveal,
            OperationsView, OperationsControl,
        },
        [StaffRoles.Support] = new HashSet<string> { TenantsView, TenantsToggle, OperationsView },
        [StaffRoles.Auditor] = new HashSet<string> { TenantsView, OperationsView, AuditView, AuditVerify },
    };
}

/// <summary>The roles of staff.</summary>
public static class StaffRoles
{
    /// <summary>Everything.</summary>
    public const string Administrator = "Administrator";

    /// <summary>Creates, changes, provisions, restores; no hard delete, no staff.</summary>
    public const string Operator = "Operator";

    /// <summary>Looks, suspends, reactivates.</summary>
    public const string Support = "Support";

    /// <summary>Looks and verifies.</summary>
    public const string Auditor = "Auditor";

    public static readonly IReadOnlyList<string> All = [Administrator, Operator, Support, Auditor];
}
