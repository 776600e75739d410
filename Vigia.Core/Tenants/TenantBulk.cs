using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenants;

/// <summary>A request to suspend or reactivate many tenants.</summary>
/// <param name="Suspends">True suspends the tenants; false reactivates them.</param>
/// <param name="ReasonCode">One of <see cref="TenantRules.ReasonCodes"/>; only for suspending.</param>
/// <param name="Reason">Free text; required with <c>otro</c>.</param>
public sealed record TenantBulkRequest(bool Suspends, string? ReasonCode = null, string? Reason = null);

/// <summary>The effect that a request would have on the chosen tenants now.</summary>
/// <param name="Run">How many would be suspended or reactivated.</param>
/// <param name="Provisions">
/// How many of those would be provisioned, because they are only registered.
/// </param>
/// <param name="Skipped">How many would be skipped, by the message code of the reason; most frequent first.</param>
/// <param name="Cost">About what it costs; the bytes are null when no database is made.</param>
public sealed record TenantBulkPlan(
    int Run, int Provisions, IReadOnlyList<KeyValuePair<string, int>> Skipped, WorkCost Cost);

/// <summary>
/// Suspends or reactivates many tenants in one operation with a result for each. Many tenants can't be deleted at once.
/// </summary>
public sealed class TenantBulk(
    IDbContextFactory<MasterContext> contexts, TenantRequests requests, IOptions<OperationOptions> options)
{
    /// <summary>
    /// Counts what <see cref="StartAsync"/> would do, for a person to confirm. <paramref name="suspends"/> is false for
    /// reactivating.
    /// </summary>
    public async Task<TenantBulkPlan> PlanAsync(
        Actor actor, bool suspends, IReadOnlyCollection<int> ids, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.Suspend.Right);
        actor.Demand(TenantAction.Reactivate.Right);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var evaluated = await EvaluateAsync(db, actor, suspends, ids, cancellationToken);
        var (run, provisions) = CountsOf(evaluated);
        return new TenantBulkPlan(
            run, provisions,
            [.. evaluated.Where(j => j.Refusal is not null).CountBy(j => j.Refusal!).OrderByDescending(p => p.Value)
                .ThenBy(p => p.Key, StringComparer.Ordinal)],
            await ToggleMany.EstimateAsync(
                db, suspends, run, provisions, options.Value.Workers, cancellationToken));
    }

    /// <summary>
    /// Starts the operation. Checks each tenant again, because it may have changed since the plan, and once more when
    /// the operation reaches it.
    /// </summary>
    /// <returns>The operation's id.</returns>
    /// <exception cref="InvalidInputException"><c>reason_code</c>, <c>reason</c>.</exception>
    /// <exception cref="RuleException"><c>nothing_to_do</c>: every tenant would be skipped.</exception>
    public async Task<Guid> StartAsync(
        Actor actor, TenantBulkRequest request, IReadOnlyCollection<int> ids, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.Suspend.Right);
        actor.Demand(TenantAction.Reactivate.Right);
        if (request.Suspends)
        {
            TenantActivation.DemandReason(request.ReasonCode, request.Reason);
        }

        var record = new AuditEntry(request.Suspends ? "tenants.suspension_requested" : "tenants.activation_requested")
        {
            Reason = request is { Suspends: true, ReasonCode: { } code }
                ? ActivationChange.ReasonText(code, request.Reason) : null,
        };
        return await requests.EnqueueManyAsync(
            actor,
            new ManyTenantsRequest(
                ToggleMany.KindOf(request.Suspends), ToggleManyData.Of(actor, request), record, "nothing_to_do"),
            async (db, token) =>
                [.. (await EvaluateAsync(db, actor, request.Suspends, ids, token)).Select(j => (j.Id, j.Refusal))],
            cancellationToken);
    }

    private static async Task<List<Evaluated>> EvaluateAsync(
        MasterContext db, Actor actor, bool suspends, IReadOnlyCollection<int> ids, CancellationToken cancellationToken)
    {
        var chosen = ids.Distinct().Order().ToArray();
        var states = await db.Set<Tenant>().AsNoTracking().Where(t => chosen.Contains(t.Id))
            .Select(t => new { t.Id, State = new TenantStanding(t.State, t.IsActive, t.InactiveKind) })
                .ToDictionaryAsync(t => t.Id, t => t.State, cancellationToken);
        return [.. chosen.Select(id => states.TryGetValue(id, out var tenant)
            ? new Evaluated(id, ToggleMany.FindRefusal(tenant, suspends, actor.May),
                !suspends && tenant.State == TenantState.Registered)
            : new Evaluated(id, "tenant_unknown", false))];
    }

    private static (int Run, int Provisions) CountsOf(List<Evaluated> evaluated) => (
        evaluated.Count(j => j.Refusal is null), evaluated.Count(j => j is { Refusal: null, Provisions: true }));

    private sealed record Evaluated(int Id, string? Refusal, bool Provisions);
}
