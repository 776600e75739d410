using System.Globalization;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Tenants;

/// <summary>
/// An action of a person on a tenant. This is the one place that knows which right an action needs, in which states it
/// is possible, why it is not, and which kind of operation it starts. Services ask it under the lock of the row; pages
/// ask it to offer a button; work on many tenants asks it for each one. <see cref="TrashAction"/>, in the same file, is
/// the same for a tenant in the trash.
/// </summary>
public sealed class TenantAction
{
    public const string AlreadyInactive = "already_inactive";
    public const string AlreadyActive = "already_active";

    /// <summary>The caller lacks the right to undo a withdrawal.</summary>
    public const string UndoNeedsRight = "withdrawn_needs_administrator";

    /// <summary>The caller lacks the right to have the tenant provisioned.</summary>
    public const string ProvisioningNeedsRight = "provisioning_needs_administrator";

    private const string NotReady = "not_ready";
    private const string NeverProvisioned = "never_provisioned";
    private const string IsProvisioning = "is_provisioning";
    private const string IsDeleting = "is_deleting";
    private const string ProvisioningFailed = "provisioning_failed";
    private const string IsUnmanaged = "tenant_unmanaged";
    private const string NotAdopted = "not_adopted";
    private const string AdoptionUnfinished = "adoption_unfinished";
    private readonly Func<TenantStanding, Func<string, bool>, string?> _findRefusal;

    private TenantAction(string right, OperationKind? operationKind, Func<TenantStanding, string?> findRefusal)
        : this(right, operationKind, (tenant, _) => findRefusal(tenant))
    {
    }

    private TenantAction(
        string right, OperationKind? operationKind, Func<TenantStanding, Func<string, bool>, string?> findRefusal) =>
        (Right, OperationKind, _findRefusal) = (right, operationKind, findRefusal);

    public static TenantAction Edit { get; } =
        new(Rights.TenantsUpdate, null, UnlessDeleting) { IsDecidedByRow = true };

    public static TenantAction CorrectRuc { get; } =
        new(Rights.TenantsRucCorrect, null, UnlessDeleting) { IsDecidedByRow = true };

    /// <summary>
    /// Gives it another sub-domain. The product resolves an unmanaged tenant itself, possibly by a database name that
    /// it derives from the sub-domain, so that one is not renamed.
    /// </summary>
    public static TenantAction Rename { get; } = new(
        Rights.TenantsRename, new("rename_tenant"), tenant => tenant switch
        {
            { IsBeingRestored: true } => NotReady,
            { State: TenantState.Unmanaged } => IsUnmanaged,
            var other => Unfinished(other.State),
        });

    /// <summary>
    /// Makes a demo a production tenant. During a restore the tenant is still in the trash, and cancelling the restore
    /// would return it there.
    /// </summary>
    public static TenantAction Convert { get; } = new(Rights.TenantsConvert, null,
        tenant => tenant.IsBeingRestored ? NotReady : UnlessDeleting(tenant));

    /// <summary>Invites the administrator of the tenant, or sends a recovery link.</summary>
    public static TenantAction Invite { get; } = new(Rights.TenantsInvite, null, OnlyReady);

    public static TenantAction RotateCredential { get; } =
        new(Rights.TenantsCredentialRotate, new("rotate_credential"), OnlyReady);

    public static TenantAction ProveIsolation { get; } =
        new(Rights.TenantsIsolationProve, new("prove_isolation"), OnlyReady);

    public static TenantAction FillDemoData { get; } = new(Rights.TenantsDemoData, new("fill_demo_data"), OnlyReady);

    public static TenantAction RemoveDemoData { get; } =
        new(Rights.TenantsDemoData, new("remove_demo_data"), OnlyReady);

    public static TenantAction UpgradeSchema { get; } = new(
        Rights.TenantsSchemaMigrate, new("migrate_tenant"), tenant => tenant.State switch
        {
            TenantState.Ready => null,
            TenantState.Registered => NeverProvisioned,
            TenantState.Unmanaged => IsUnmanaged,
            var state => Unfinished(state),
        });

    public static TenantAction Provision { get; } = new(
        Rights.TenantsProvision, new("provision_tenant"), tenant => tenant.State switch
        {
            TenantState.Registered or TenantState.Failed => null,
            TenantState.Ready => "already_provisioned",
            TenantState.Unmanaged => IsUnmanaged,
            _ => "operation_running",
        });

    /// <summary>Takes back a database that lost the portal's marker.</summary>
    public static TenantAction Reclaim { get; } = new(
        Rights.TenantsReclaim, new("reclaim_tenant"),
        tenant => tenant switch
        {
            { Adoption: AdoptionStage.Begun or AdoptionStage.Undoing } => AdoptionUnfinished,
            { State: TenantState.Unmanaged } => null,
            _ => "already_managed",
        });

    /// <summary>
    /// Adopts the database of a tenant that the product registered. A database that the portal created is reclaimed.
    /// </summary>
    public static TenantAction Adopt { get; } = new(
        Rights.TenantsAdopt, new("adopt_tenant"), tenant => tenant switch
        {
            { State: not TenantState.Unmanaged } => "already_managed",
            { IsBeingRestored: true } => NotReady,
            { Adoption: AdoptionStage.None or AdoptionStage.Begun } => null,
            { Adoption: AdoptionStage.Undoing } => AdoptionUnfinished,
            _ => "adopt_reclaimable",
        });

    /// <summary>Ends the time in which an adoption can be undone.</summary>
    public static TenantAction ConfirmAdoption { get; } = new(
        Rights.TenantsAdopt, null, tenant => tenant.Adoption switch
        {
            AdoptionStage.Adopted => OnlyReady(tenant),
            AdoptionStage.Confirmed or AdoptionStage.Completed => "adoption_confirmed",
            AdoptionStage.None => NotAdopted,
            _ => AdoptionUnfinished,
        });

    /// <summary>Takes an adoption back that nobody has confirmed.</summary>
    public static TenantAction UndoAdoption { get; } = new(
        Rights.TenantsAdopt, new("undo_adoption"), tenant => tenant switch
        {
            { Adoption: AdoptionStage.Confirmed or AdoptionStage.Completed } => "adoption_confirmed",
            { Adoption: AdoptionStage.None } => NotAdopted,
            { Adoption: AdoptionStage.Begun } => AdoptionUnfinished,
            { IsBeingRestored: true } or { State: not (TenantState.Ready or TenantState.Unmanaged) } => NotReady,
            _ => null,
        });

    /// <summary>Adds the triggers of audit and limits to the tables that were there before.</summary>
    public static TenantAction CompleteAdoption { get; } = new(
        Rights.TenantsAdopt, new("complete_adoption"), tenant => tenant switch
        {
            { Adoption: AdoptionStage.None } => NotAdopted,
            { Adoption: AdoptionStage.Completed } => "adoption_completed",
            { Adoption: AdoptionStage.Adopted } => "adoption_not_confirmed",
            { Adoption: AdoptionStage.Begun or AdoptionStage.Undoing } => AdoptionUnfinished,
            var other => OnlyReady(other),
        });

    /// <summary>
    /// Moves to the trash, or destroys at once. An unmanaged tenant whose database no longer exists is deleted like any
    /// other: there is nothing left to reclaim. A failed restore has its names in the registry and its database in the
    /// trash, so it must first be retried or cancelled.
    /// </summary>
    public static TenantAction Delete { get; } = new(
        Rights.TenantsDeleteHard, new("delete_tenant"), tenant => tenant switch
        {
            { State: TenantState.Unmanaged, DatabaseIsMissing: false } => IsUnmanaged,
            { State: TenantState.Deleting or TenantState.Provisioning } or { IsBeingRestored: true } => NotReady,
            _ => null,
        });

    /// <summary>Makes inactive for a time. A tenant that was never active can't be suspended.</summary>
    public static TenantAction Suspend { get; } = new(Rights.TenantsToggle, null, tenant => tenant switch
    {
        { IsActive: false, Kind: not null } => AlreadyInactive,
        { State: TenantState.Registered } => NeverProvisioned,
        var other => Unfinished(other.State),
    })
    {
        IsDecidedByRow = true,
    };

    /// <summary>
    /// Makes inactive until further notice, and hides from the list; everything is kept. This is possible for a tenant
    /// that was never provisioned, or whose provisioning failed.
    /// </summary>
    public static TenantAction Withdraw { get; } = new(Rights.TenantsDeleteSoft, null, tenant => tenant switch
    {
        { IsActive: false, Kind: InactiveKind.Withdrawn } => AlreadyInactive,
        { State: TenantState.Failed } => null,
        var other => Unfinished(other.State),
    })
    {
        IsDecidedByRow = true,
    };

    /// <summary>
    /// Makes active, or has a registered tenant provisioned. Some tenants need a second right: to undo a withdrawal, or
    /// to have the tenant provisioned.
    /// </summary>
    public static TenantAction Reactivate { get; } = new(Rights.TenantsToggle, null, (tenant, may) => tenant switch
    {
        { IsActive: true } => AlreadyActive,
        { Kind: InactiveKind.Withdrawn } when !may(Rights.TenantsDeleteSoft) => UndoNeedsRight,
        { State: TenantState.Registered } => may(Rights.TenantsProvision) ? null : ProvisioningNeedsRight,
        _ => Unfinished(tenant.State),
    })
    {
        IsDecidedByRow = true,
    };

    /// <summary>All actions.</summary>
    public static IReadOnlyList<TenantAction> All { get; } =
    [
        Edit, CorrectRuc, Rename, Convert, Invite, RotateCredential, ProveIsolation, FillDemoData, RemoveDemoData,
        UpgradeSchema, Provision, Reclaim, Adopt, ConfirmAdoption, UndoAdoption, CompleteAdoption, Delete, Suspend,
        Withdraw, Reactivate,
    ];

    /// <summary>The right that a person needs.</summary>
    public string Right { get; }

    /// <summary>The kind of the operation that the action starts; null when it is done at once.</summary>
    public OperationKind? OperationKind { get; }

    /// <summary>
    /// Whether <see cref="TenantStanding.Of"/> is enough to decide. The other actions also need facts that other tables
    /// have, see <see cref="TenantStanding.ReadAsync"/>.
    /// </summary>
    public bool IsDecidedByRow { get; private init; }

    /// <summary>Why the action is not possible now, as a message code; null when it is. Checks no rights.</summary>
    public string? FindRefusal(TenantStanding tenant) => FindRefusal(tenant, _ => true);

    /// <param name="may">Whether the caller holds a right that only some tenants need.</param>
    /// <inheritdoc cref="FindRefusal(TenantStanding)"/>
    public string? FindRefusal(TenantStanding tenant, Func<string, bool> may) => _findRefusal(tenant, may);

    /// <summary>Why the action is not possible now, in words; null when it is.</summary>
    public Message? ExplainRefusal(TenantStanding tenant) =>
        FindRefusal(tenant) is { } code ? new Message(code) : null;

    /// <summary>Whether the action is possible now. Does not check rights.</summary>
    public bool IsPossible(TenantStanding tenant) => FindRefusal(tenant) is null;

    /// <summary>Whether a page offers the action to this person.</summary>
    public bool IsOffered(Actor actor, TenantStanding tenant) =>
        actor.May(Right) && FindRefusal(tenant, actor.May) is null;

    /// <exception cref="RuleException">The action is not possible now; the code says why.</exception>
    internal void Demand(TenantStanding tenant)
    {
        if (ExplainRefusal(tenant) is { } reason)
        {
            throw new RuleException(reason);
        }
    }

    /// <summary>
    /// Whether a refusal says that the tenant has no database that works yet, or none any more. The API has the single
    /// code <c>not_ready</c> for all of these.
    /// </summary>
    public static bool IsAboutReadiness(string code) =>
        code is NotReady or NeverProvisioned or IsProvisioning or IsDeleting or ProvisioningFailed;

    private static string? OnlyReady(TenantStanding tenant) => tenant.State == TenantState.Ready ? null : NotReady;

    private static string? UnlessDeleting(TenantStanding tenant) =>
        tenant.State == TenantState.Deleting ? NotReady : null;

    private static string? Unfinished(TenantState state) => state switch
    {
        TenantState.Provisioning => IsProvisioning,
        TenantState.Deleting => IsDeleting,
        TenantState.Failed => ProvisioningFailed,
        _ => null,
    };
}

/// <summary>An action of a person on a tenant in the trash. See <see cref="TenantAction"/>.</summary>
public sealed class TrashAction
{
    private readonly Func<TrashStanding, Message?> _findRefusal;

    private TrashAction(string right, OperationKind operationKind, Func<TrashStanding, Message?> findRefusal) =>
        (Right, OperationKind, _findRefusal) = (right, operationKind, findRefusal);

    /// <summary>Returns it to the registry. A purge that has not started gives way.</summary>
    public static TrashAction Restore { get; } = new(
        Rights.TenantsRestore, new("restore_tenant"), tenant => tenant switch
        {
            { DropHasBegun: true } => new Message("drop_begun"),
            { Work: TrashWork.Other } => Busy,
            _ => null,
        });

    /// <summary>
    /// Drops its database and roles. Before the retention is over this is possible only if nothing has to be kept.
    /// </summary>
    public static TrashAction Purge { get; } = new(
        Rights.TenantsDeleteHard, new("purge_tenant"), tenant => tenant switch
        {
            { Work: not TrashWork.None } => Busy,
            { IsEarly: true, MayDropAtOnce: false } => new Message(
                "retention_too_short", ProductionDuty.LeastDays.ToString(CultureInfo.InvariantCulture)),
            _ => null,
        });

    /// <summary>Both actions.</summary>
    public static IReadOnlyList<TrashAction> All { get; } = [Restore, Purge];

    /// <summary>The right that a person needs.</summary>
    public string Right { get; }

    /// <summary>The kind of the operation that the action starts.</summary>
    public OperationKind OperationKind { get; }

    private static Message Busy => new("operation_running");

    /// <summary>Why the action is not possible now, in words; null when it is. Checks no rights.</summary>
    public Message? ExplainRefusal(TrashStanding tenant) => _findRefusal(tenant);

    /// <summary>Whether the action is possible now. Does not check rights.</summary>
    public bool IsPossible(TrashStanding tenant) => ExplainRefusal(tenant) is null;

    /// <summary>Whether a page shows the action to this person, possibly disabled until other work has ended.</summary>
    public bool IsShown(Actor actor, TrashStanding tenant) =>
        actor.May(Right) && IsPossible(tenant with { Work = TrashWork.None });

    /// <exception cref="RuleException">The action is not possible now; the code says why.</exception>
    internal void Demand(TrashStanding tenant)
    {
        if (ExplainRefusal(tenant) is { } reason)
        {
            throw new RuleException(reason);
        }
    }
}
