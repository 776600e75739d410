using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Adoption;

/// <summary>
/// Adopts a database that the portal did not create. Cancelling removes everything that was added, as the undo does.
/// </summary>
internal sealed class AdoptTenant(
    AdoptionSteps steps, LoginRoleSteps roles, AdoptionRemoval removal) : OperationDefinition
{
    public static readonly OperationKind KindName = TenantAction.Adopt.OperationKind!.Value;

    public override OperationKind Kind => KindName;

    public override string Right => TenantAction.Adopt.Right;

    public override IReadOnlyList<Step> StepsFor(Operation operation) =>
    [
        new("inspect_foreign", steps.InspectAsync, ForgetAsync),
        new("mark_adopted", steps.MarkAsync, (context, cancel) => OnBegunAsync(
            context, adoption => removal.UnmarkAsync(context, adoption, cancel), cancel)),
        new("isolate", roles.IsolateAsync, (context, cancel) => OnBegunAsync(
            context, _ => removal.RemoveRolesAsync(context, cancel), cancel)),
        new("add_missing", steps.AddMissingAsync, (context, cancel) => OnBegunAsync(
            context, adoption => removal.RemoveObjectsAsync(context, adoption, cancel), cancel)),
        new("prove", steps.ProveAsync),
        new("register_adopted", steps.RegisterAsync),
    ];

    public override bool CanCancel(Operation operation) => true;

    public override async Task<bool> IsTooLateToCancelAsync(
        OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await db.Set<TenantAdoption>().AnyAsync(
            a => a.TenantId == context.TenantId && a.OperationId == context.OperationId && a.AdoptedAt != null,
            cancellationToken);
    }

    /// <summary>
    /// If only saving the last step failed, a retry finishes the adoption. Any other adoption is decided again.
    /// </summary>
    public override async Task OnRetryAsync(
        MasterContext db, Operation operation, Actor actor, CancellationToken cancellationToken) =>
        await DemandNotOvertakenAsync(db, operation, orForeign: false, cancellationToken);

    public override Task OnCancelRequestAsync(
        MasterContext db, Operation operation, CancellationToken cancellationToken) =>
        DemandNotOvertakenAsync(db, operation, orForeign: true, cancellationToken);

    // An operation that ended before it wrote the adoption's row has changed nothing, so it can be cancelled.
    private static async Task DemandNotOvertakenAsync(
        MasterContext db, Operation operation, bool orForeign, CancellationToken cancellationToken)
    {
        var locked = await LockedTenant.LockAsync(db, operation.TenantId!.Value, cancellationToken);
        var adoption = await Adoptions.FindAsync(db, operation.TenantId.Value, cancellationToken);
        if (adoption?.OperationId == operation.Id)
        {
            return;
        }

        if (!orForeign && (locked.Trashed is not null
            || adoption is { AdoptedAt: not null } or { UndoBegunAt: not null }
            || locked.Registered is not { State: TenantState.Unmanaged }))
        {
            throw new RuleException("operation_overtaken");
        }
    }

    // Only the operation that worked last on the adoption may undo it.
    private static async Task OnBegunAsync(
        OperationContext context, Func<TenantAdoption, Task> actAsync, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        if (await Adoptions.FindAsync(db, context.TenantId, cancellationToken) is { AdoptedAt: null } adoption
            && adoption.OperationId == context.OperationId)
        {
            await actAsync(adoption);
        }
    }

    private async Task ForgetAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var locked = await LockedTenant.LockAsync(db, context.TenantId, cancellationToken);
        var records = new List<AuditEntry>();
        if (await Adoptions.FindAsync(db, context.TenantId, cancellationToken) is { AdoptedAt: null } adoption
            && adoption.OperationId == context.OperationId)
        {
            var tenant = await removal.ForgetAsync(db, adoption, cancellationToken);
            records.Add(Cancelled(context, tenant, adoption.DatabaseName, adoption.RegisteredHere));
        }
        else if (context.Data<AdoptionData>() is { RegisteredHere: true } data
            && locked is { Registered.State: TenantState.Unmanaged, Trashed: null }
            && !await db.Set<TenantAdoption>().AnyAsync(a => a.TenantId == context.TenantId, cancellationToken))
        {
            // The request made the row, and no adoption of this tenant ever began. Once an adoption has ended, others
            // may depend on the row, too.
            db.Set<Tenant>().Remove(locked.Registered);
            records.Add(Cancelled(context, locked.Registered, data.DatabaseName, true));
        }

        await context.CommitAsync(db, [.. records], cancellationToken);
    }

    private static AuditEntry Cancelled(
        OperationContext context, Tenant? tenant, string databaseName, bool rowRemoved) =>
        new("tenant.adoption_cancelled")
        {
            TenantId = context.TenantId,
            Ruc = tenant?.Ruc,
            Subdomain = tenant?.Subdomain,
            OperationId = context.OperationId,
            After = new Dictionary<string, object?> { ["db_name"] = databaseName, ["row_removed"] = rowRemoved },
        };
}
