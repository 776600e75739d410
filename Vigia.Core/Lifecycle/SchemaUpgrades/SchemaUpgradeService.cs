using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.Lifecycle.SchemaUpgrades;

/// <summary>
/// Requests the upgrade of existing tenant databases to this build's schema. Upgrades never start by themselves (except
/// with <see cref="SchemaOptions.MigrateAtStart"/>).
/// </summary>
public sealed class SchemaUpgradeService(
    IDbContextFactory<MasterContext> contexts, TenantRequests requests, TenantSchemaVersions versions,
    IOptions<SchemaOptions> options)
{
    // Of one tenant, before any upgrade of many has ended.
    internal static readonly TimeSpan UsualUpgrade = TimeSpan.FromSeconds(1);

    /// <summary>The kind of an upgrade of many tenants.</summary>
    public static OperationKind UpgradeManyKind => MigrateTenants.KindName;

    /// <summary>
    /// Counts what <see cref="StartAsync"/> would do, for a person to confirm. With null for <paramref name="ids"/>,
    /// counts all tenants that are behind.
    /// </summary>
    public async Task<SchemaPlan> PlanAsync(
        Actor actor, IReadOnlyCollection<int>? ids, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.UpgradeSchema.Right);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var evaluated = await EvaluateAsync(db, ids, cancellationToken);
        var running = await db.Set<Operation>()
            .Where(o => o.TenantId != null
            && (o.State == OperationState.Running || o.State == OperationState.Cancelling))
            .Select(o => o.TenantId!.Value).ToListAsync(cancellationToken);
        var run = evaluated.Where(j => j.Refusal is null).Select(j => j.TenantId).ToHashSet();
        return new SchemaPlan(
            run.Count, running.Count(run.Contains), options.Value.AtOnce,
            [.. evaluated.Where(j => j.Refusal is not null).CountBy(j => j.Refusal!).OrderByDescending(p => p.Value)
                .ThenBy(p => p.Key, StringComparer.Ordinal)],
            new WorkCost(run.Count * await WorkEstimates.TimePerTenantAsync(
                db, MigrateTenants.KindName, UsualUpgrade / options.Value.AtOnce, cancellationToken)));
    }

    /// <summary>
    /// Upgrades many tenants; each is checked again when the operation reaches it. With null for
    /// <paramref name="ids"/>, upgrades all that are behind.
    /// </summary>
    /// <returns>The operation's id.</returns>
    /// <exception cref="RuleException">
    /// <c>nothing_to_migrate</c>: every tenant would be skipped; <c>upgrade_running</c>: an upgrade is already under
    /// way.
    /// </exception>
    public async Task<Guid> StartAsync(Actor actor, IReadOnlyCollection<int>? ids, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.UpgradeSchema.Right);
        var record = new AuditEntry("tenants.schema_upgrade_requested")
        {
            After = new Dictionary<string, object?> { ["schema_version"] = versions.Head },
        };
        return await requests.EnqueueManyAsync(
            actor,
            new ManyTenantsRequest(
                MigrateTenants.KindName, new SchemaTarget(versions.Head), record, "nothing_to_migrate")
            {
                RunningCode = "upgrade_running",
            },
            async (db, token) => await EvaluateAsync(db, ids, token), cancellationToken);
    }

    /// <summary>
    /// Upgrades one tenant, even if the registry says that it is up to date, because the version in its database
    /// counts.
    /// </summary>
    /// <returns>The operation's id, or the id of an upgrade that is already under way.</returns>
    /// <exception cref="NotFoundException"><c>tenant_unknown</c>.</exception>
    /// <exception cref="RuleException">
    /// The tenant can't be upgraded now: <c>is_provisioning</c>, <c>is_deleting</c>, <c>provisioning_failed</c>,
    /// <c>never_provisioned</c>, <c>tenant_unmanaged</c>, <c>is_trashed</c>.
    /// </exception>
    public async Task<Guid> StartOneAsync(Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        try
        {
            return await requests.EnqueueAsync(
                actor, tenantId, TenantAction.UpgradeSchema,
                async (db, _, token) => await MigrateTenantsItems.FindAsync(db, tenantId, token) is { } underWay
                    ? TenantRequest.AlreadyUnderWay(underWay)
                    : new TenantRequest(new AuditEntry("tenant.schema_upgrade_requested")
                    {
                        After = new Dictionary<string, object?> { ["schema_version"] = versions.Head },
                    }, new SchemaTarget(versions.Head)),
                cancellationToken);
        }
        catch (NotFoundException)
        {
            await using var db = await contexts.OpenAsync(actor, cancellationToken);
            throw await db.Set<TrashedTenant>().AnyAsync(t => t.Id == tenantId, cancellationToken)
                ? new RuleException("is_trashed") : new NotFoundException("tenant_unknown");
        }
    }

    private async Task<List<(int TenantId, string? Refusal)>> EvaluateAsync(
        MasterContext db, IReadOnlyCollection<int>? ids, CancellationToken cancellationToken)
    {
        var chosen = ids?.Distinct().Order().ToArray();
        var head = versions.Head;
        var tenants = chosen is null ? SchemaRules.Present(db, db.Set<Tenant>()).Where(t => t.SchemaVersion < head)
            : db.Set<Tenant>().Where(t => chosen.Contains(t.Id));
        var standing = await tenants.AsNoTracking().OrderBy(t => t.Id)
            .Select(t => new { t.Id, t.State, t.SchemaVersion }).ToDictionaryAsync(t => t.Id, cancellationToken);
        var trashed = chosen is null ? [] : await db.Set<TrashedTenant>().Where(t => chosen.Contains(t.Id))
            .Select(t => t.Id).ToListAsync(cancellationToken);
        return [.. (chosen ?? standing.Keys.AsEnumerable()).Select(id => (id, standing.TryGetValue(id, out var tenant)
            ? SchemaRules.FindRefusal(tenant.State, tenant.SchemaVersion, head, trashed: false)
            : SchemaRules.FindRefusal(null, trashed.Contains(id))))];
    }
}
