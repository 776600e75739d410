using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Isolation;

/// <summary>
/// Proves the isolation of all ready tenants, several at once. Each tenant has its own result, so that another worker
/// can continue with the next tenant. A problem of one tenant does not stop the others: the operation fails at its end,
/// and a retry repeats only the failed tenants.
/// </summary>
internal sealed class ProveMany(
    IsolationProver prover, ProofSteps proof, IOptions<IsolationOptions> options, TimeProvider time)
    : ManyTenantsDefinition(time)
{
    public static readonly OperationKind KindName = new("prove_isolation_all");

    /// <summary>The nightly job.</summary>
    public const string JobName = "prove_isolation";

    public override OperationKind Kind => KindName;

    public override string Right => TenantAction.ProveIsolation.Right;

    protected override TimeSpan UsualTime => IsolationService.UsualProof;

    // The first step may have failed: then a retry lists every ready tenant.
    protected override async Task<int> CountLeftAsync(
        MasterContext db, Operation operation, CancellationToken cancellationToken) =>
        operation.ItemCount is null
            ? await db.Set<Tenant>().CountAsync(t => t.State == TenantState.Ready, cancellationToken)
            : await base.CountLeftAsync(db, operation, cancellationToken);

    public override async Task OnRetryAsync(
        MasterContext db, Operation operation, Actor actor, CancellationToken cancellationToken)
    {
        await DemandOnlyAsync(db, operation.Id, cancellationToken);
        await base.OnRetryAsync(db, operation, actor, cancellationToken);
    }

    /// <summary>
    /// Refuses a second unfinished proof of all tenants, the nightly one or a person's. The lock lasts until the
    /// transaction ends; the nightly run is queued under the same one.
    /// </summary>
    /// <param name="db">A context with an open transaction.</param>
    /// <param name="own">The operation that is not counted. Null for a new one.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="RuleException"><c>operation_running</c>.</exception>
    internal static async Task DemandOnlyAsync(MasterContext db, Guid? own, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO portal.recurring_ticks AS t (job, last_tick) VALUES ({JobName}, now())
            ON CONFLICT (job) DO UPDATE SET last_tick = t.last_tick
            """, cancellationToken);
        if (await db.Set<Operation>().AnyAsync(
            o => o.Kind == KindName && o.Id != own && OperationStates.Unfinished.Contains(o.State), cancellationToken))
        {
            throw new RuleException("operation_running");
        }
    }

    public override IReadOnlyList<Step> StepsFor(Operation operation) =>
    [
        new("list_tenants", ListReadyAsync) { KeepsEffects = true },
        new("each_tenant", EachAsync) { KeepsEffects = true },
    ];

    private async Task EachAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var total = await CountAsync(context, null, cancellationToken);
        var over = total - await CountAsync(context, OperationItemState.Pending, cancellationToken);
        var night = await NightOf(context).BeginAsync(cancellationToken);
        using var reporting = new SemaphoreSlim(1, 1);
        while (!night.IsOver && await night.PendingAsync(cancellationToken) is { Count: > 0 } pending)
        {
            await Parallel.ForEachAsync(
                pending, new ParallelOptions
                {
                    MaxDegreeOfParallelism = options.Value.AtOnce,
                    CancellationToken = cancellationToken
                }, async (id, cancel) =>
                {
                    if (night.IsOver)
                    {
                        return;
                    }

                    await OneAsync(context, id, cancel);
                    var now = Interlocked.Increment(ref over);

                    // One report at a time is enough. A caller that finds one in progress skips its own.
                    if (await reporting.WaitAsync(0, cancel))
                    {
                        try
                        {
                            await ReportAsync(context, now, total, cancel);
                        }
                        finally
                        {
                            reporting.Release();
                        }
                    }
                });
        }

        var left = await night.EndAsync(cancellationToken);
        await (left == 0 ? ReportAsync(context, total, total, cancellationToken)
            : context.ReportAsync(new Message("proof_not_reached", Text(left), Text(total)), cancellationToken, 100));
        if (await CountAsync(context, OperationItemState.Failed, cancellationToken) is > 0 and var failed)
        {
            throw new RuleException("isolation_items_failed", Text(failed), Text(total));
        }
    }

    private ProofNight NightOf(OperationContext context) => new(context, options.Value.NightlyBudget, Time);

    private async Task OneAsync(OperationContext context, int id, CancellationToken cancellationToken)
    {
        if (await FindReadyAsync(context, id, cancellationToken) is not { } tenant)
        {
            await EndAsync(context, id, OperationItemState.Skipped, new Message("not_ready"), cancellationToken);
            return;
        }

        Message? problem;
        try
        {
            var result = await prover.TryAsync(id, tenant.DatabaseName!, null, null, cancellationToken);
            if (result.Verdict == IsolationVerdict.Unknown
                && await FindReadyAsync(context, id, cancellationToken) is null)
            {
                // The tenant was deleted during the attempt.
                await EndAsync(context, id, OperationItemState.Skipped, new Message("not_ready"), cancellationToken);
                return;
            }

            problem = ProofSteps.Problem(result);
            var end = Ending(context, id, problem is null ? OperationItemState.Done : OperationItemState.Failed,
                problem);
            await proof.RecordAsync(
                context, id, context.Operation.RequestedBy is null ? ProofCause.Nightly : ProofCause.Manual, result,
                cancellationToken, end);
            return;
        }
        catch (NotFoundException)
        {
            await EndAsync(context, id, OperationItemState.Skipped, new Message("tenant_unknown"), cancellationToken);
            return;
        }
        catch (Exception e) when (
            e is not (OperationLostException or OperationCanceledException) && !FailurePolicy.IsTransient(e))
        {
            problem = FailurePolicy.Describe(e);
        }

        await EndAsync(context, id, OperationItemState.Failed, problem, cancellationToken);
    }

    private static async Task<Tenant?> FindReadyAsync(
        OperationContext context, int id, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await db.Set<Tenant>().AsNoTracking()
            .SingleOrDefaultAsync(t => t.Id == id && t.State == TenantState.Ready, cancellationToken);
    }

    private async Task EndAsync(
        OperationContext context, int id, OperationItemState state, Message? message,
        CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        Ending(context, id, state, message)(db);
        await context.CommitAsync(db, [], cancellationToken);
    }

    // Attached without being read, because only this operation writes the row.
    private Action<MasterContext> Ending(
        OperationContext context, int id, OperationItemState state, Message? message) => db =>
    {
        var item = new OperationItem { OperationId = context.OperationId, TenantId = id };
        db.Set<OperationItem>().Attach(item);
        (item.State, item.Message, item.At) = (state, message, Time.GetUtcNow());
        db.Entry(item).Property(i => i.State).IsModified = true;
    };
}
