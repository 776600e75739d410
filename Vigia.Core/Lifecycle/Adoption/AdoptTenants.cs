using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Lifecycle.Adoption;

/// <summary>
/// The data of an adoption of many databases. The name that the person approved is with each tenant:
/// <see cref="OperationItem.DatabaseName"/>.
/// </summary>
internal sealed record AdoptTenantsData(bool KeepsOwner, string BackupStatement);

/// <summary>
/// Adopts the databases of many tenants, several at a time. Each is adopted by a child operation with its own fence and
/// history; this operation begins the children and collects their results. If a database can't be adopted, this is the
/// result of its tenant, and the others continue.
/// </summary>
internal sealed class AdoptTenants(IOptions<SchemaOptions> options, TimeProvider time) : ManyTenantsDefinition(time)
{
    public static readonly OperationKind KindName = new("adopt_tenants");

    /// <summary>About how long one adoption takes.</summary>
    public static readonly TimeSpan UsualAdoption = TimeSpan.FromSeconds(2);

    // The end of a child ends the pause early.
    private static readonly TimeSpan ComesBack = TimeSpan.FromSeconds(3);

    public override OperationKind Kind => KindName;

    public override string Right => Foundation.Access.Rights.TenantsAdoptMany;

    protected override TimeSpan UsualTime => UsualAdoption / options.Value.AtOnce;

    public override IReadOnlyList<Step> StepsFor(Operation operation) =>
        [new("each_tenant", EachAsync, StopAsync) { KeepsEffects = true }];

    private async Task EachAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var children = new AdoptTenantsItems(context, Time);
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

        var total = context.Operation.ItemCount ?? 0;
        var pending = await CountAsync(context, OperationItemState.Pending, cancellationToken);
        await ReportAsync(context, total - pending, total, cancellationToken);
        if (pending > 0)
        {
            throw new NotYetException(Progress(total - pending, total), ComesBack);
        }

        if (await CountAsync(context, OperationItemState.Failed, cancellationToken) is > 0 and var failed)
        {
            throw new RuleException("items_failed", Text(failed), Text(total));
        }
    }

    // Children that no worker has ever claimed did nothing. A child that pauses or backs off may have changed its
    // database, and undoes that itself. A running child ends by itself, and its result is recorded.
    private async Task StopAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using (await db.Database.BeginTransactionAsync(cancellationToken))
        {
            await db.Set<Operation>()
                .Where(o => o.ParentId == context.OperationId && o.State == OperationState.Queued
                    && o.NotBefore == null && !o.Steps.Any(s => s.StartedAt != null))
                .ExecuteUpdateAsync(
                    s => s.SetProperty(o => o.State, OperationState.Cancelled)
                        .SetProperty(o => o.FinishedAt, Time.GetUtcNow()).SetProperty(o => o.Error, (Message?)null),
                    cancellationToken);
            await db.Set<Operation>()
                .Where(o => o.ParentId == context.OperationId && o.State == OperationState.Queued)
                .ExecuteUpdateAsync(
                    s => s.SetProperty(o => o.State, OperationState.Cancelling)
                        .SetProperty(o => o.Crashes, 0).SetProperty(o => o.Attempt, 0)
                        .SetProperty(o => o.NotBefore, (DateTimeOffset?)null),
                    cancellationToken);
            await context.CommitAsync(db, [], cancellationToken);
        }

        await new AdoptTenantsItems(context, Time).SettleAsync(cancellationToken);
        // A child that was running may wait for its next attempt by now. Then it is cancelled in the next round.
        if (await db.Set<Operation>().AnyAsync(
            o => o.ParentId == context.OperationId && (o.State == OperationState.Running
                || o.State == OperationState.Cancelling || o.State == OperationState.Queued), cancellationToken))
        {
            throw new NotYetException(new Message("children_run_out"), ComesBack);
        }
    }
}
