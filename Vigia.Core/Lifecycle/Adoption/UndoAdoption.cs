using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Adoption;

/// <summary>
/// Undoes an adoption that nobody has confirmed. The first step decides, under the tenant's locks, and every later one
/// asks again: a retry after the confirmation removes nothing.
/// </summary>
internal sealed class UndoAdoption(AdoptionRemoval removal, TimeProvider time) : OperationDefinition
{
    public static readonly OperationKind KindName = TenantAction.UndoAdoption.OperationKind!.Value;

    public override OperationKind Kind => KindName;

    public override string Right => TenantAction.UndoAdoption.Right;

    public override IReadOnlyList<Step> StepsFor(Operation operation) =>
    [
        new("begin_undo", BeginAsync),
        new("remove_added", (context, cancel) => OnUndoingAsync(
            context, adoption => removal.RemoveObjectsAsync(context, adoption, cancel), cancel)),
        new("list_kept", (context, cancel) => OnUndoingAsync(
            context, adoption => ReportAsync(context, adoption, cancel), cancel)),
        new("drop_adopted_roles", (context, cancel) => OnUndoingAsync(
            context, _ => removal.RemoveRolesAsync(context, cancel), cancel)),
        new("unmark", (context, cancel) => OnUndoingAsync(
            context, adoption => removal.UnmarkAsync(context, adoption, cancel), cancel)),
        new("forget_adoption", ForgetAsync),
    ];

    public override async Task OnRetryAsync(
        MasterContext db, Operation operation, Actor actor, CancellationToken cancellationToken)
    {
        await LockedTenant.LockAsync(db, operation.TenantId!.Value, cancellationToken);
        if (await Adoptions.FindAsync(db, operation.TenantId.Value, cancellationToken) is not { ConfirmedAt: null })
        {
            throw new RuleException("operation_overtaken");
        }
    }

    // From here on the tenant's users are refused, and nobody can confirm.
    private async Task BeginAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var data = context.Data<AdoptionFollowUpData>();
        await DemandMarkedAsync(context, cancellationToken);
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var locked = await LockedTenant.LockAsync(db, context.TenantId, cancellationToken);
        var adoption = await Adoptions.FindAsync(db, context.TenantId, cancellationToken);
        if (adoption is { UndoBegunAt: not null } && adoption.OperationId == context.OperationId)
        {
            return;
        }

        if (locked is not { Registered: { } tenant, Trashed: null } || adoption is null
            || adoption.Id != data.AdoptionId)
        {
            throw new RuleException("operation_overtaken");
        }

        AdoptionStages.DemandUndoable(tenant, adoption.StageAt(time.GetUtcNow()));
        (adoption.UndoBegunAt, adoption.OperationId) = (time.GetUtcNow(), context.OperationId);
        tenant.BeginUndoOfAdoption();
        await context.CommitAsync(db, [], cancellationToken);
    }

    // A database without the marker may be another one, so a person has to look. Nothing is undone until then.
    private static async Task DemandMarkedAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using (var db = await context.OpenMasterAsync(cancellationToken))
        {
            if (await Adoptions.FindAsync(db, context.TenantId, cancellationToken) is not { UndoBegunAt: null })
            {
                return;
            }
        }

        await using var session = await context.OpenTenantDatabaseAsync(cancellationToken);
    }

    private async Task ReportAsync(
        OperationContext context, TenantAdoption adoption, CancellationToken cancellationToken)
    {
        var kept = await removal.ListKeptAsync(context, adoption, cancellationToken);
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await AdoptionDecision.DemandUndoingAsync(db, context, cancellationToken) is { } undoing)
        {
            undoing.Kept = kept.Count == 0 ? null : string.Join(", ", kept);
            await context.CommitAsync(db, [], cancellationToken);
        }

        if (kept.Count > 0)
        {
            await context.ReportAsync(new Message("adoption_kept", string.Join(", ", kept)), cancellationToken);
        }
    }

    private async Task ForgetAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await AdoptionDecision.DemandUndoingAsync(db, context, cancellationToken) is not { } adoption)
        {
            return;
        }

        var tenant = await removal.ForgetAsync(db, adoption, cancellationToken);
        await context.CommitAsync(db, [new AuditEntry("tenant.adoption_undone")
        {
            TenantId = adoption.TenantId,
            Ruc = tenant?.Ruc,
            Subdomain = tenant?.Subdomain,
            OperationId = context.OperationId,
            Reason = context.Data<AdoptionFollowUpData>().Reason,
            After = new Dictionary<string, object?>
            {
                ["db_name"] = adoption.DatabaseName,
                ["kept"] = adoption.Kept,
                ["row_removed"] = adoption.RegisteredHere,
            },
        }], cancellationToken);
    }

    private static async Task OnUndoingAsync(
        OperationContext context, Func<TenantAdoption, Task> actAsync, CancellationToken cancellationToken)
    {
        TenantAdoption? adoption;
        await using (var db = await context.OpenMasterAsync(cancellationToken))
        await using (await db.Database.BeginTransactionAsync(cancellationToken))
        {
            adoption = await AdoptionDecision.DemandUndoingAsync(db, context, cancellationToken);
        }

        if (adoption is not null)
        {
            await actAsync(adoption);
        }
    }
}
