using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.DemoData;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenants;

/// <summary>The options of a conversion to production.</summary>
public sealed record Conversion
{
    /// <summary>The new end; null for none. The end of the demo never stays.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>A new plan; null to keep the present one. Limits stay as they are.</summary>
    public string? Plan { get; init; }

    /// <summary>Whether an operation removes the demonstration data.</summary>
    public bool RemoveDemoData { get; init; }
}

/// <summary>Converts a demo tenant to a production tenant. Production is final, so this can't be undone.</summary>
public sealed class TenantConversion(
    IDbContextFactory<MasterContext> contexts, TenantSearch search, OperationQueue queue, AuditTrail audit,
    TimeProvider time)
{
    /// <summary>Returns the tenant as <see cref="ConvertAsync"/> would leave it; changes nothing.</summary>
    /// <exception cref="InvalidInputException"><c>expires_at</c>, <c>plan</c>.</exception>
    /// <exception cref="RuleException">
    /// <c>tenant_unknown</c>, <c>already_production</c>, <c>not_ready</c>, <c>operation_running</c>.
    /// </exception>
    public async Task<TenantView> PreviewAsync(
        Actor actor, int tenantId, Conversion wanted, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsConvert);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var view = (await search.GetAsync(actor, tenantId, cancellationToken)).View
            ?? throw new NotFoundException("tenant_unknown");
        await DemandAsync(db, view.Row, wanted, cancellationToken);
        Apply(view.Row, wanted);
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
        actor.Demand(Rights.TenantsConvert);
        if (wanted.RemoveDemoData)
        {
            actor.Demand(Rights.TenantsDemoData);
        }

        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.LockAsync(db, tenantId, cancellationToken);
        await DemandAsync(db, tenant, wanted, cancellationToken);
        var before = Of(tenant);
        Apply(tenant, wanted);
        var after = Of(tenant);
        var changed = before.Keys.Where(name => !Equals(before[name], after[name])).ToList();
        var operation = wanted.RemoveDemoData
            ? queue.Enqueue(db, actor, DemoDataOperation.KindOf(fills: false), tenant) : null;
        try
        {
            await audit.CommitAsync(db, actor, ActivationChange.Entry("tenant.converted", tenant) with
            {
                OperationId = operation?.Id,
                Before = changed.ToDictionary(name => name, name => before[name]),
                After = changed.ToDictionary(name => name, name => after[name]),
            }, cancellationToken);
        }
        catch (DbUpdateException e) when (
            e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            throw new RuleException("operation_running");
        }

        return operation?.Id;
    }

    private async Task DemandAsync(
        MasterContext db, Tenant tenant, Conversion wanted, CancellationToken cancellationToken)
    {
        if (tenant.Environment == TenantEnvironments.Production)
        {
            throw new RuleException("already_production");
        }

        // During a restore the tenant is still in the trash, and cancelling the restore would return it there.
        TenantAction.Convert.Demand(tenant);
        if ((wanted.RemoveDemoData && tenant.State != TenantState.Ready)
            || await db.Set<TrashedTenant>().AnyAsync(t => t.Id == tenant.Id, cancellationToken))
        {
            throw new RuleException("not_ready");
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

        if (wanted.Plan is not null)
        {
            await TenantRegistration.DemandPlanAsync(db, wanted.Plan, cancellationToken);
        }
    }

    private static void Apply(Tenant tenant, Conversion wanted) =>
        tenant.ConvertToProduction(wanted.ExpiresAt?.ToUniversalTime(), wanted.Plan);

    private static Dictionary<string, object?> Of(Tenant tenant) => new()
    {
        ["entorno"] = tenant.Environment, ["expires_at"] = tenant.ExpiresAt, ["plan"] = tenant.Plan,
        ["is_active"] = tenant.IsActive,
    };
}
