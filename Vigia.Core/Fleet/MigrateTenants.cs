using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Configuration;
using Vigia.Core.Errors;
using Vigia.Core.Operations;

namespace Vigia.Core.Fleet;

/// <summary>
/// Brings many clients' databases up, some at a time, each by an operation of its own, which has the fence, the tries and the history, and is alone on its
/// client. This one only begins them and looks what became of them: in between it has given itself back, so that one worker is enough for both.
/// </summary>
internal sealed class MigrateTenants(IOptions<SchemaOptions> options, TimeProvider time) : ManyTenantsDefinition(time)
{
    public const string KindName = "migrate_tenants";

    // The end of a child ends the pause; this is for one that somebody else had begun, and the net.
    private static readonly TimeSpan ComesBack = TimeSpan.FromSeconds(3);

    public override string Kind => KindName;

    public override IReadOnlyList<Step> StepsFor(Operation operation) => [new("each_tenant", EachAsync, StopAsync) { Keeps = true }];

    private async Task EachAsync(OperationContext context, CancellationToken cancellationToken)
    {
        SchemaTarget.DemandReached(context);
        var children = new MigrateTenantsItems(context, Time);
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

    // What no worker has is taken back; what runs comes to its end, which is a matter of moments, and is recorded as what it is.
    private async Task StopAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using (await db.Database.BeginTransactionAsync(cancellationToken))
        {
            await db.Operations
                .Where(o => o.ParentId == context.OperationId && (o.State == OperationState.Queued || o.State == OperationState.Waiting))
                .ExecuteUpdateAsync(
                    s => s.SetProperty(o => o.State, OperationState.Cancelled).SetProperty(o => o.FinishedAt, Time.GetUtcNow()).SetProperty(o => o.Error, (Message?)null),
                    cancellationToken);
            await context.CommitAsync(db, [], cancellationToken);
        }

        await new MigrateTenantsItems(context, Time).SettleAsync(cancellationToken);
        if (await db.Operations.AnyAsync(o => o.ParentId == context.OperationId && (o.State == OperationState.Running || o.State == OperationState.Cancelling), cancellationToken))
        {
            throw new NotYetException(new Message("children_run_out"), ComesBack);
        }
    }
}
