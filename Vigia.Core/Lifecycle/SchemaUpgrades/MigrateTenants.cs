using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.Lifecycle.SchemaUpgrades;

/// <summary>
/// Upgrades many tenant databases, several at a time. Each is upgraded by a child operation, which has its own fence,
/// attempts and history, and is the only operation on its tenant. This operation only begins the children and collects
/// their results. It pauses in between, so that one worker is enough for both.
/// </summary>
internal sealed class MigrateTenants(
    TenantSchemaVersions versions, IOptions<SchemaOptions> options, TimeProvider time) : ManyTenantsDefinition(time)
{
    public static readonly OperationKind KindName = new("migrate_tenants");

    // The end of a child ends the pause early. The interval is for an operation that this one did not begin, and as a
    // fallback.
    private static readonly TimeSpan ComesBack = TimeSpan.FromSeconds(3);

    public override OperationKind Kind => KindName;

    public override string Right => TenantAction.UpgradeSchema.Right;

    protected override TimeSpan UsualTime => SchemaUpgradeService.UsualUpgrade / options.Value.AtOnce;

    public override IReadOnlyList<Step> StepsFor(Operation operation) =>
        [new("each_tenant", EachAsync, StopAsync) { KeepsEffects = true }];

    private async Task EachAsync(OperationContext context, CancellationToken cancellationToken)
    {
        SchemaTarget.DemandReached(context, versions);
        var children = new MigrateTenantsItems(context, versions, Time);
        var free = options.Value.AtOnce - await children.SettleAsync(cancellationToken);
        while (free > 0 && await children.NextAsync(free, cancellationToken) is { Count: > 0 } next)
        {
            foreach (var id in next)
            {
                var (begun, cancelling) = await children.BeginAsync(id, cancellationToken);
                if (cancelling)
                {
                    return;
                }

                free -= begun ? 1 : 0;
            }
        }

        var (pending, failed) = await children.CountAsync(cancellationToken);
        var total = context.Operation.ItemCount ?? 0;
        await ReportAsync(context, total - pending, total, cancellationToken);
        if (pending > 0)
        {
            throw new NotYetException(Progress(total - pending, total), ComesBack);
        }

        if (failed > 0)
        {
            throw new RuleException("items_failed", Text(failed), Text(total));
        }
    }

    // Cancels the children that no worker has claimed. A running child finishes within moments and is recorded with its
    // result.
    private async Task StopAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using (await db.Database.BeginTransactionAsync(cancellationToken))
        {
            await db.Set<Operation>()
                .Where(o => o.ParentId == context.OperationId
                    && (o.State == OperationState.Queued || o.State == OperationState.Waiting))
                .ExecuteUpdateAsync(
                    s => s.SetProperty(o => o.State, OperationState.Cancelled)
                        .SetProperty(o => o.FinishedAt, Time.GetUtcNow()).SetProperty(o => o.Error, (Message?)null),
                    cancellationToken);
            await context.CommitAsync(db, [], cancellationToken);
        }

        await new MigrateTenantsItems(context, versions, Time).SettleAsync(cancellationToken);

        // A child that was running may wait for its next attempt by now. Then it is cancelled in the next round.
        if (await db.Set<Operation>().AnyAsync(
            o => o.ParentId == context.OperationId && (o.State == OperationState.Running
                || o.State == OperationState.Cancelling || o.State == OperationState.Queued
                || o.State == OperationState.Waiting), cancellationToken))
        {
            throw new NotYetException(new Message("children_run_out"), ComesBack);
        }
    }
}
