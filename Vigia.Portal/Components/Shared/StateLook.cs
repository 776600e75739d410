using MudBlazor;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Team;

namespace Vigia.Portal.Components.Shared;

/// <summary>The tones that a state can have. They are used only for states, never for decoration.</summary>
public enum Tone
{
    Quiet,
    Good,
    Info,
    Warning,
    Bad,
}

/// <summary>The appearance of a state. Colour is never the only sign.</summary>
/// <param name="Tone">Its colour.</param>
/// <param name="TextKey">The key of its text in <c>SharedText.resx</c>.</param>
/// <param name="Busy">Whether work is in progress. The icon then rotates.</param>
public sealed record StateLook(Tone Tone, string Icon, string TextKey, bool Busy = false)
{
    /// <summary>Shown beside the status of a tenant whose database the portal does not manage.</summary>
    public static StateLook Unmanaged { get; } = new(Tone.Quiet, Icons.Material.Outlined.HelpOutline, "Unmanaged");

    /// <summary>An unmanaged tenant whose database was created by the portal and lost its marker.</summary>
    public static StateLook Unmarked { get; } = new(Tone.Bad, Icons.Material.Outlined.LinkOff, "Status_unmarked");

    /// <summary>A tenant of which only the audit trail is left.</summary>
    public static StateLook Destroyed { get; } =
        new(Tone.Quiet, Icons.Material.Outlined.DeleteForever, "Status_destroyed");

    /// <summary>The look of a tenant's status: active, suspended, provisioning, …</summary>
    public static StateLook Tenant(TenantStatus status) => status switch
    {
        TenantStatus.Active => new(Tone.Good, Icons.Material.Outlined.CheckCircle, "Status_active"),
        TenantStatus.Suspended => new(Tone.Warning, Icons.Material.Outlined.PauseCircle, "Status_suspended"),
        TenantStatus.Provisioning => new(Tone.Info, Icons.Material.Outlined.Sync, "Status_provisioning", Busy: true),
        TenantStatus.Failed => new(Tone.Bad, Icons.Material.Outlined.ErrorOutline, "Status_failed"),
        TenantStatus.Registered => new(Tone.Quiet, Icons.Material.Outlined.RadioButtonUnchecked, "Status_registered"),
        TenantStatus.Withdrawn => new(Tone.Quiet, Icons.Material.Outlined.PauseCircle, "Status_withdrawn"),
        TenantStatus.Trashed => new(Tone.Quiet, Icons.Material.Outlined.DeleteOutline, "Status_trashed"),
        TenantStatus.DatabaseMissing => new(Tone.Bad, Icons.Material.Outlined.LinkOff, "Status_database_missing"),
        TenantStatus.Unreachable => new(Tone.Bad, Icons.Material.Outlined.LinkOff, "Status_unreachable"),
        TenantStatus.Expired => new(Tone.Warning, Icons.Material.Outlined.EventBusy, "Status_expired"),
        TenantStatus.Deleting => new(Tone.Warning, Icons.Material.Outlined.Sync, "Status_deleting", Busy: true),
        _ => new(Tone.Quiet, Icons.Material.Outlined.HelpOutline, $"Status_{TenantStatuses.CodeOf(status)}"),
    };

    public static StateLook Staff(StaffState state) => state switch
    {
        StaffState.Active => new(Tone.Good, Icons.Material.Outlined.CheckCircle, "Staff_Active"),
        StaffState.Invited => new(Tone.Info, Icons.Material.Outlined.MarkEmailUnread, "Staff_Invited"),
        StaffState.Locked => new(Tone.Warning, Icons.Material.Outlined.Lock, "Staff_Locked"),
        StaffState.AccessOver => new(Tone.Warning, Icons.Material.Outlined.EventBusy, "Staff_AccessOver"),
        _ => new(Tone.Quiet, Icons.Material.Outlined.Block, "Staff_Disabled"),
    };

    public static StateLook Operation(OperationState state) => state switch
    {
        OperationState.Queued => new(Tone.Quiet, Icons.Material.Outlined.Schedule, "Operation_Queued"),
        OperationState.Running => new(Tone.Info, Icons.Material.Outlined.Sync, "Operation_Running", Busy: true),
        OperationState.Waiting => new(Tone.Warning, Icons.Material.Outlined.PanTool, "Operation_Waiting"),
        OperationState.Succeeded => new(Tone.Good, Icons.Material.Outlined.CheckCircle, "Operation_Succeeded"),
        OperationState.Failed => new(Tone.Bad, Icons.Material.Outlined.ErrorOutline, "Operation_Failed"),
        OperationState.Cancelling =>
            new(Tone.Warning, Icons.Material.Outlined.Sync, "Operation_Cancelling", Busy: true),
        _ => new(Tone.Quiet, Icons.Material.Outlined.Block, "Operation_Cancelled"),
    };

    public static StateLook Step(StepState state) => state switch
    {
        StepState.Running => new(Tone.Info, Icons.Material.Outlined.Sync, "Step_Running", Busy: true),
        StepState.Done => new(Tone.Good, Icons.Material.Outlined.CheckCircle, "Step_Done"),
        StepState.Failed => new(Tone.Bad, Icons.Material.Outlined.ErrorOutline, "Step_Failed"),
        StepState.Stopped => new(Tone.Quiet, Icons.Material.Outlined.Block, "Step_Stopped"),
        StepState.Compensated => new(Tone.Quiet, Icons.Material.Outlined.Undo, "Step_Compensated"),
        _ => new(Tone.Quiet, Icons.Material.Outlined.RadioButtonUnchecked, "Step_Pending"),
    };

    /// <summary>The look of a database's schema compared with the schema of this build.</summary>
    public static StateLook Schema(SchemaStanding standing) => standing switch
    {
        SchemaStanding.Current => new(Tone.Good, Icons.Material.Outlined.CheckCircle, "Schema_Current"),
        SchemaStanding.Behind => new(Tone.Warning, Icons.Material.Outlined.History, "Schema_Behind"),
        _ => new(Tone.Info, Icons.Material.Outlined.Upgrade, "Schema_Newer"),
    };

    /// <summary>
    /// The result for one tenant in an operation on many, or the fact that its child operation is running.
    /// </summary>
    public static StateLook Item(OperationItem item) =>
        item is { State: OperationItemState.Pending, ChildOperationId: not null }
        ? new(Tone.Info, Icons.Material.Outlined.Sync, "Item_Begun", Busy: true)
        : Item(item.State);

    /// <summary>The result for one tenant in an operation on many.</summary>
    public static StateLook Item(OperationItemState state) => state switch
    {
        OperationItemState.Done => new(Tone.Good, Icons.Material.Outlined.CheckCircle, "Item_Done"),
        OperationItemState.Skipped => new(Tone.Quiet, Icons.Material.Outlined.SkipNext, "Item_Skipped"),
        OperationItemState.Failed => new(Tone.Bad, Icons.Material.Outlined.ErrorOutline, "Item_Failed"),
        _ => new(Tone.Quiet, Icons.Material.Outlined.Schedule, "Item_Pending"),
    };
}
