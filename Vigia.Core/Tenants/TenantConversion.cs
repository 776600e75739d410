using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.DemoData;
using Vigia.Core.Lifecycle.Limits;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Plans;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenants;

/// <summary>The options of a conversion to production.</summary>
public sealed record Conversion
{
    /// <summary>The new end; null for none. The end of the demo never stays.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>A new plan; null to keep the present one. Another plan brings its limits.</summary>
    public string? Plan { get; init; }

    /// <summary>Whether the present limits stay although the plan changes.</summary>
    public bool KeepLimits { get; init; }

    /// <summary>Whether an operation removes the demonstration data.</summary>
    public bool RemoveDemoData { get; init; }
}

/// <summary>Converts a demo tenant to a production tenant. Production is final, so this can't be undone.</summary>
// More than five dependencies: one transaction changes the row, queues what follows from it, and records both. It does
// not go through TenantRequests, which queues exactly one operation: the conversion itself is done at once, and as many
// operations follow as the options ask for, often none.
public sealed class TenantConversion(
    IDbContextFactory<MasterContext> contexts, TenantChanges changes, TenantSearch search, OperationQueue queue,
    TenantFollowUps followUps, TimeProvider time)
{
    /// <summary>Returns the tenant as <see cref="ConvertAsync"/> would leave it; changes nothing.</summary>
    /// <exception cref="InvalidInputException"><c>expires_at</c>, <c>plan</c>.</exception>
    /// <exception cref="RuleException">
    /// <c>tenant_unknown</c>, <c>already_production</c>, <c>not_ready</c>, <c>operation_running</c>.
    /// </exception>
    public async Task<TenantView> PreviewAsync(
        Actor actor, int tenantId, Conversion wanted, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.Convert.Right);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var view = (await search.GetAsync(actor, tenantId, cancellationToken)).View
            ?? throw new NotFoundException("tenant_unknown");
        Apply(view.Row, wanted, await DemandAsync(db, view.Row, wanted, cancellationToken), time.GetUtcNow());
        return view with { Status = TenantStatuses.Of(view.Row, view.Condition, time.GetUtcNow()) };
    }

    /// <summary>Converts a demo tenant to production.</summary>
    /// <returns>The operation that removes the demonstration data; null when none was requested.</returns>
    /// <exception cref="InvalidInputException"><c>expires_at</c>, <c>plan</c>.</exception>
    /// <exception cref="RuleException">
    /// <c>tenant_unknown</c>, <c>already_production</c>, <c>not_ready</c>, <c>operation_running</c>.
    /// </exception>
    public async Task<Guid?> ConvertAsync(
        Actor actor, int tenantId, Conversion wanted, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.Convert.Right);
        if (wanted.RemoveDemoData)
        {
            actor.Demand(TenantAction.RemoveDemoData.Right);
        }

        return await changes.ChangeAsync(
            actor, tenantId, TenantAction.Convert,
            (db, tenant, token) => ApplyAsync(db, actor, tenant, wanted, token), null, cancellationToken);
    }

    private async Task<TenantChange<Guid?>> ApplyAsync(
        MasterContext db, Actor actor, Tenant tenant, Conversion wanted, CancellationToken cancellationToken)
    {
        var plan = await DemandAsync(db, tenant, wanted, cancellationToken);
        var before = Of(tenant);
        if (Apply(tenant, wanted, plan, time.GetUtcNow()))
        {
            tenant.RaiseLimitsRevision();
            await followUps.EnqueueOnceAsync(db, actor, tenant, ApplyLimitsOperation.KindName, cancellationToken);
        }

        var after = Of(tenant);
        var changed = before.Keys.Where(name => !Equals(before[name], after[name])).ToList();
        var operation = wanted.RemoveDemoData
            ? queue.Enqueue(db, actor, DemoDataOperation.KindOf(fills: false), tenant) : null;
        return new TenantChange<Guid?>(operation?.Id, new AuditEntry("tenant.converted")
        {
            OperationId = operation?.Id,
            Before = changed.ToDictionary(name => name, name => before[name]),
            After = changed.ToDictionary(name => name, name => after[name]),
        })
        {
            ExplainDuplicateAsync = _ => Task.FromResult(new RuleException("operation_running")),
        };
    }

    // Returns the plan whose limits the tenant gets; null when they stay.
    private async Task<Plan?> DemandAsync(
        MasterContext db, Tenant tenant, Conversion wanted, CancellationToken cancellationToken)
    {
        if (tenant.Environment == TenantEnvironments.Production)
        {
            throw new RuleException("already_production");
        }

        var standing = await TenantStanding.ReadAsync(db, tenant, time.GetUtcNow(), cancellationToken);
        TenantAction.Convert.Demand(standing);
        if (wanted.RemoveDemoData)
        {
            TenantAction.RemoveDemoData.Demand(standing);
        }

        // A running fill may already have checked that the tenant is a demo, and would write fictitious cases into
        // production. A fill that starts later locks the row first and sees the change.
        var fill = DemoDataOperation.KindOf(fills: true);
        if (await db.Set<Operation>()
            .AnyAsync(o => o.TenantId == tenant.Id && o.Kind == fill && OperationStates.Unfinished.Contains(o.State),
            cancellationToken))
        {
            throw new RuleException("operation_running");
        }

        if (wanted.ExpiresAt <= time.GetUtcNow())
        {
            throw new InvalidInputException("expires_at", new Message("expires_at_past"));
        }

        if (wanted.Plan is null)
        {
            return null;
        }

        await TenantRegistration.DemandPlanAsync(db, wanted.Plan, cancellationToken);
        return wanted.KeepLimits || wanted.Plan == tenant.Plan ? null
            : await db.Set<Plan>().AsNoTracking().SingleAsync(p => p.Code == wanted.Plan, cancellationToken);
    }

    // Returns whether a limit changed.
    private static bool Apply(Tenant tenant, Conversion wanted, Plan? plan, DateTimeOffset now)
    {
        tenant.ConvertToProduction(wanted.ExpiresAt?.ToUniversalTime(), wanted.Plan, now);
        if (plan is null)
        {
            return false;
        }

        var (before, after) = (TenantDetails.Of(tenant), TenantDetails.Of(tenant).WithLimitsOf(plan));
        var changed = TenantField.All.Where(f => f.IsLimit && !f.IsSame(before, after)).ToList();
        changed.ForEach(field => field.Write(tenant, after));
        return changed.Count > 0;
    }

    private static Dictionary<string, object?> Of(Tenant tenant)
    {
        var details = TenantDetails.Of(tenant);
        var values = TenantField.All.Where(f => f.IsLimit || f.Name is "entorno" or "plan")
            .ToDictionary(f => f.Name, f => f.Audited(details));
        (values["expires_at"], values["is_active"]) = (tenant.ExpiresAt, tenant.IsActive);
        return values;
    }
}
