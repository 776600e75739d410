using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Adoption;

/// <summary>Confirms, undoes or completes the adoption of a database.</summary>
// More than five dependencies: the completion is listed from the tenant's own database before anybody requests it.
// Each person does that once at a time.
public sealed class AdoptionFollowUps(
    IDbContextFactory<MasterContext> contexts, TenantRequests requests, ServerConnections servers,
    TenantDatabases databases, AuditTrail audit, OneAtATime heavy, TimeProvider time)
{
    /// <summary>The adoption of the tenant's present database; null when the portal created it.</summary>
    public async Task<AdoptionSummary?> FindAsync(Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await Adoptions.FindSummaryAsync(db, tenantId, cancellationToken);
    }

    /// <summary>Ends the time in which the adoption can be undone.</summary>
    /// <exception cref="RuleException">
    /// <c>tenant_unknown</c>; the refusals of <see cref="TenantAction.ConfirmAdoption"/>.
    /// </exception>
    public async Task ConfirmAsync(Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.ConfirmAdoption.Right);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.LockAsync(db, tenantId, cancellationToken);
        TenantAction.ConfirmAdoption.Demand(
            await TenantStanding.ReadAsync(db, tenant, time.GetUtcNow(), cancellationToken));
        var adoption = (await Adoptions.FindAsync(db, tenantId, cancellationToken))!;
        adoption.ConfirmedAt = time.GetUtcNow();
        await audit.CommitAsync(db, actor, new AuditEntry("tenant.adoption_confirmed")
        {
            TenantId = tenant.Id,
            Ruc = tenant.Ruc,
            Subdomain = tenant.Subdomain,
            After = new Dictionary<string, object?> { ["db_name"] = adoption.DatabaseName },
        }, cancellationToken);
    }

    /// <summary>Undoes an adoption that nobody has confirmed. A reason is required.</summary>
    /// <returns>The operation's id.</returns>
    /// <exception cref="InvalidInputException"><c>reason</c>.</exception>
    /// <exception cref="RuleException">
    /// <c>tenant_unknown</c>, <c>operation_running</c>; the refusals of <see cref="TenantAction.UndoAdoption"/>.
    /// </exception>
    public async Task<Guid> UndoAsync(
        Actor actor, int tenantId, string? reason, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.UndoAdoption.Right);
        TenantRules.DemandReason(reason);
        return await requests.EnqueueAsync(actor, tenantId, TenantAction.UndoAdoption, async (db, tenant, token) =>
        {
            var adoption = (await Adoptions.FindSummaryAsync(db, tenant.Id, token))!;
            return new TenantRequest(
                new AuditEntry("tenant.adoption_undo_requested") { Reason = reason!.Trim() },
                new AdoptionFollowUpData(adoption.Id, reason.Trim()));
        }, cancellationToken);
    }

    /// <summary>Lists the triggers that the completion would add. Reads the tenant's database, and changes nothing.
    /// </summary>
    /// <exception cref="RuleException">
    /// <c>tenant_unknown</c>; the refusals of <see cref="TenantAction.CompleteAdoption"/>; <c>database_not_ours</c>,
    /// <c>database_missing</c>, <c>database_unreachable</c>, <c>inspection_running</c>.
    /// </exception>
    public async Task<IReadOnlyList<PlannedTrigger>> PlanCompletionAsync(
        Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.CompleteAdoption.Right);
        using var turn = heavy.Begin(actor.Id, HeavyCall.Inspection);
        TenantAdoption adoption;
        await using (var db = await contexts.OpenAsync(actor, cancellationToken))
        {
            var tenant = await db.Set<Tenant>().AsNoTracking()
                .SingleOrDefaultAsync(t => t.Id == tenantId, cancellationToken)
                ?? throw new NotFoundException("tenant_unknown");
            TenantAction.CompleteAdoption.Demand(
                await TenantStanding.ReadAsync(db, tenant, time.GetUtcNow(), cancellationToken));
            adoption = (await Adoptions.FindAsync(db, tenantId, cancellationToken))!;
        }

        await using var session = await servers.OpenForeignAsync(
            ServerConnections.MasterServerId, adoption.DatabaseName, cancellationToken);
        await databases.DemandInsideAsync(session, tenantId, null, cancellationToken);
        var plan = new AdoptionPlan(
            TenantBlueprint.Head, AdoptionBefore.Of(adoption).Schema,
            await SchemaReader.ReadAsync(session, cancellationToken));
        return [.. plan.TriggersLater.Select(t => new PlannedTrigger(t.Table, t.Trigger.Name, t.Trigger.Function))];
    }

    /// <summary>Adds the triggers of audit and limits to the tables that were there before.</summary>
    /// <returns>The operation's id.</returns>
    /// <exception cref="RuleException">
    /// <c>tenant_unknown</c>, <c>operation_running</c>; the refusals of <see cref="TenantAction.CompleteAdoption"/>.
    /// </exception>
    public Task<Guid> CompleteAsync(Actor actor, int tenantId, CancellationToken cancellationToken) =>
        requests.EnqueueAsync(actor, tenantId, TenantAction.CompleteAdoption, async (db, tenant, token) =>
            new TenantRequest(
                new AuditEntry("tenant.adoption_completion_requested"),
                new AdoptionFollowUpData((await Adoptions.FindSummaryAsync(db, tenant.Id, token))!.Id, null)),
            cancellationToken);
}
