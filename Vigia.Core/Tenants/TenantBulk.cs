using Microsoft.EntityFrameworkCore;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Staff;

namespace Vigia.Core.Tenants;

/// <summary>What to do with many clients.</summary>
/// <param name="Suspends">Suspends them; reactivates them otherwise.</param>
/// <param name="ReasonCode">One of <see cref="TenantRules.ReasonCodes"/>; for suspending only.</param>
/// <param name="Reason">In words; required with <c>otro</c>.</param>
public sealed record TenantBulkRequest(bool Suspends, string? ReasonCode = null, string? Reason = null);

/// <summary>What would happen to the chosen clients now.</summary>
/// <param name="Run">How many would be suspended or reactivated.</param>
/// <param name="Provisions">How many of those would have their database made, because they were registered only.</param>
/// <param name="Skipped">How many would not, by the reason's message code; most first.</param>
public sealed record TenantBulkPlan(int Run, int Provisions, IReadOnlyList<KeyValuePair<string, int>> Skipped);

/// <summary>Suspends or reactivates many clients: one operation with a result for each. There is no deletion of many.</summary>
public sealed class TenantBulk(IDbContextFactory<MasterContext> contexts, OperationQueue queue, AuditTrail audit)
{
    /// <summary>Counts what <see cref="StartAsync"/> would do, for a person to confirm.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="suspends">Suspends them; reactivates them otherwise.</param>
    /// <param name="ids">The chosen clients.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task<TenantBulkPlan> PlanAsync(Actor actor, bool suspends, IReadOnlyCollection<int> ids, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsToggle);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return Sum(await JudgeAsync(db, actor, suspends, ids, cancellationToken));
    }

    /// <summary>Starts the operation; what changed since the plan is judged anew, and once more when each client's turn comes.</summary>
    /// <returns>The operation's id.</returns>
    /// <exception cref="InvalidInputException"><c>reason_code</c>, <c>reason</c>.</exception>
    /// <exception cref="RuleException"><c>nothing_to_do</c>: every one of them would be skipped.</exception>
    public async Task<Guid> StartAsync(Actor actor, TenantBulkRequest request, IReadOnlyCollection<int> ids, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsToggle);
        if (request.Suspends)
        {
            TenantActivation.DemandReason(request.ReasonCode, request.Reason);
        }

        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var judged = await JudgeAsync(db, actor, request.Suspends, ids, cancellationToken);
        var plan = Sum(judged);
        if (plan.Run == 0)
        {
            throw new RuleException("nothing_to_do");
        }

        var operation = queue.Enqueue(db, actor, ToggleMany.KindOf(request.Suspends), (OperationTarget?)null, new ToggleManyData(request, [.. actor.Roles]), OperationQueue.Person);
        operation.ItemCount = judged.Count;
        await db.SaveChangesAsync(cancellationToken);
        await OperationItems.AddAsync(db, operation.Id, [.. judged.Select(j => (j.Id, j.Why))], cancellationToken);
        await audit.CommitAsync(db, actor, new AuditEntry(request.Suspends ? "tenants.suspension_requested" : "tenants.activation_requested")
        {
            OperationId = operation.Id,
            Reason = request is { Suspends: true, ReasonCode: { } code } ? TenantToggle.WithWords(code, request.Reason) : null,
            After = new Dictionary<string, object?> { ["clients"] = plan.Run, ["skipped"] = judged.Count - plan.Run },
        }, cancellationToken);
        return operation.Id;
    }

    private static async Task<List<Judged>> JudgeAsync(MasterContext db, Actor actor, bool suspends, IReadOnlyCollection<int> ids, CancellationToken cancellationToken)
    {
        var chosen = ids.Distinct().Order().ToArray();
        var standing = await db.Tenants.AsNoTracking().Where(t => chosen.Contains(t.Id))
            .Select(t => new { t.Id, Standing = new TenantStanding(t.State, t.IsActive, t.InactiveKind) }).ToDictionaryAsync(t => t.Id, t => t.Standing, cancellationToken);
        return [.. chosen.Select(id => standing.TryGetValue(id, out var tenant)
            ? new Judged(id, ToggleMany.WhyNot(tenant, suspends, actor), !suspends && tenant.State == TenantState.Registered)
            : new Judged(id, "tenant_unknown", false))];
    }

    private static TenantBulkPlan Sum(List<Judged> judged) => new(
        judged.Count(j => j.Why is null),
        judged.Count(j => j is { Why: null, Provisions: true }),
        [.. judged.Where(j => j.Why is not null).CountBy(j => j.Why!).OrderByDescending(p => p.Value).ThenBy(p => p.Key, StringComparer.Ordinal)]);

    private sealed record Judged(int Id, string? Why, bool Provisions);
}
