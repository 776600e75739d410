using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Audit;
using Vigia.Core.Configuration;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Staff;
using Vigia.Core.TenantDatabase;
using Vigia.Core.Tenants;

namespace Vigia.Core.Fleet;

/// <summary>Asks for existing clients' databases to be brought to this build's schema. Nothing does it by itself (but see <see cref="SchemaOptions.MigrateAtStart"/>).</summary>
public sealed class SchemaUpgrade(IDbContextFactory<MasterContext> contexts, OperationQueue queue, AuditTrail audit, IOptions<SchemaOptions> options)
{
    /// <summary>Counts what <see cref="StartAsync"/> would do, for a person to confirm.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="ids">The chosen clients; null for all that are behind.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task<SchemaPlan> PlanAsync(Actor actor, IReadOnlyCollection<int>? ids, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsSchemaMigrate);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var judged = await JudgeAsync(db, ids, cancellationToken);
        var running = await db.Operations.Where(o => o.TenantId != null && (o.State == OperationState.Running || o.State == OperationState.Cancelling))
            .Select(o => o.TenantId!.Value).ToListAsync(cancellationToken);
        var run = judged.Where(j => j.WhyNot is null).Select(j => j.TenantId).ToHashSet();
        return new SchemaPlan(
            run.Count, running.Count(run.Contains), options.Value.AtOnce,
            [.. judged.Where(j => j.WhyNot is not null).CountBy(j => j.WhyNot!).OrderByDescending(p => p.Value).ThenBy(p => p.Key, StringComparer.Ordinal)]);
    }

    /// <summary>Brings many up; each is judged again when its turn comes.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="ids">The chosen clients; null for all that are behind.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The operation's id.</returns>
    /// <exception cref="RuleException"><c>nothing_to_migrate</c>: every one would be skipped; <c>upgrade_running</c>: one is under way.</exception>
    public async Task<Guid> StartAsync(Actor actor, IReadOnlyCollection<int>? ids, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsSchemaMigrate);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var judged = await JudgeAsync(db, ids, cancellationToken);
        var run = judged.Count(j => j.WhyNot is null);
        if (run == 0)
        {
            throw new RuleException("nothing_to_migrate");
        }

        var operation = queue.Enqueue(
            db, actor, MigrateTenants.KindName, (OperationTarget?)null, new SchemaTarget(TenantSchema.HeadVersion), actor.StaffId is null ? OperationQueue.Background : OperationQueue.Person);
        operation.ItemCount = judged.Count;
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            throw new RuleException("upgrade_running");
        }

        await OperationItems.AddAsync(db, operation.Id, judged, cancellationToken);
        await audit.CommitAsync(db, actor, new AuditEntry("tenants.schema_upgrade_requested")
        {
            OperationId = operation.Id,
            After = new Dictionary<string, object?> { ["clients"] = run, ["skipped"] = judged.Count - run, ["schema_version"] = TenantSchema.HeadVersion },
        }, cancellationToken);
        return operation.Id;
    }

    /// <summary>Brings one client up, also when the registry says that it is: what counts is what its database says.</summary>
    /// <returns>The operation's id; that of the one under way when there is one.</returns>
    /// <exception cref="NotFoundException"><c>tenant_unknown</c>.</exception>
    /// <exception cref="RuleException">Why it can't be now: <c>is_provisioning</c>, <c>is_deleting</c>, <c>provisioning_failed</c>, <c>never_provisioned</c>, <c>tenant_unmanaged</c>, <c>is_trashed</c>.</exception>
    public async Task<Guid> StartOneAsync(Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsSchemaMigrate);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.FindAndLockAsync(db, tenantId, cancellationToken);
        var trashed = tenant is null && await db.Trash.AnyAsync(t => t.Id == tenantId, cancellationToken);
        if (SchemaRules.WhyNot(tenant?.State, trashed) is { } why)
        {
            throw why == "tenant_unknown" ? new NotFoundException(why) : new RuleException(why);
        }

        if (await MigrateTenantsItems.FindAsync(db, tenantId, cancellationToken) is { } underWay)
        {
            return underWay;
        }

        var operation = queue.Enqueue(db, actor, MigrateTenant.KindName, tenant, new SchemaTarget(TenantSchema.HeadVersion));
        await audit.CommitAsync(db, actor, new AuditEntry("tenant.schema_upgrade_requested")
        {
            TenantId = tenant!.Id, Ruc = tenant.Ruc, Subdomain = tenant.Subdomain, OperationId = operation.Id,
            After = new Dictionary<string, object?> { ["schema_version"] = TenantSchema.HeadVersion },
        }, cancellationToken);
        return operation.Id;
    }

    private static async Task<List<(int TenantId, string? WhyNot)>> JudgeAsync(MasterContext db, IReadOnlyCollection<int>? ids, CancellationToken cancellationToken)
    {
        var chosen = ids?.Distinct().Order().ToArray();
        var head = TenantSchema.HeadVersion;
        var tenants = chosen is null ? db.Tenants.Where(t => t.SchemaVersion < head && t.State != TenantState.Unmanaged) : db.Tenants.Where(t => chosen.Contains(t.Id));
        var standing = await tenants.AsNoTracking().OrderBy(t => t.Id).Select(t => new { t.Id, t.State, t.SchemaVersion }).ToDictionaryAsync(t => t.Id, cancellationToken);
        var trashed = chosen is null ? [] : await db.Trash.Where(t => chosen.Contains(t.Id)).Select(t => t.Id).ToListAsync(cancellationToken);
        return [.. (chosen ?? standing.Keys.AsEnumerable()).Select(id => (id, standing.TryGetValue(id, out var tenant)
            ? SchemaRules.WhyNot(tenant.State, tenant.SchemaVersion, trashed: false)
            : SchemaRules.WhyNot(null, trashed.Contains(id))))];
    }
}
