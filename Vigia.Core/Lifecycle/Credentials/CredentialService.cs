using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Credentials;

/// <summary>A login role of a tenant, as people see it.</summary>
/// <param name="IsCurrent">Whether new sessions use it.</param>
/// <param name="ReplacedAt">When a newer role replaced it.</param>
/// <param name="Sessions">How many sessions it had when they were last counted. Null while they were not.</param>
public sealed record CredentialView(
    string RoleName, bool IsCurrent, DateTimeOffset CreatedAt, DateTimeOffset? ReplacedAt, long? Sessions);

/// <summary>Lists the login roles of a tenant's database and rotates them.</summary>
public sealed class CredentialService(
    IDbContextFactory<MasterContext> contexts, TenantContents contents, TenantRequests requests)
{
    private static readonly OperationState[] UnfinishedOrFailed =
        [.. OperationStates.Unfinished, OperationState.Failed];

    /// <summary>
    /// Lists the tenant's login roles, the current one first. Reads the master only: their sessions are those of the
    /// last count (<see cref="TenantContent.RoleSessions"/>).
    /// </summary>
    public async Task<IReadOnlyList<CredentialView>> ListAsync(
        Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        if (!await db.Set<Tenant>().AnyAsync(t => t.Id == tenantId, cancellationToken)
            || await OwnDatabases.Of(db, tenantId).AsNoTracking().SingleOrDefaultAsync(cancellationToken)
                is not { } database)
        {
            return [];
        }

        var all = await db.Set<TenantCredential>().AsNoTracking().Where(c => c.DatabaseId == database.Id)
            .OrderByDescending(c => c.IsCurrent).ThenByDescending(c => c.Id).ToListAsync(cancellationToken);
        var counted = (await contents.ReadAsync(actor, tenantId, cancellationToken))?.RoleSessions;
        return [.. all.Select(c => new CredentialView(c.RoleName, c.IsCurrent, c.CreatedAt, c.ReplacedAt,
            counted is not null && counted.TryGetValue(c.RoleName, out var sessions) ? sessions : null))];
    }

    /// <summary>
    /// Starts the rotation of a ready tenant's login role. Sessions of the present role continue until they end. A
    /// reason is required.
    /// </summary>
    /// <returns>The operation's id.</returns>
    /// <exception cref="RuleException">
    /// <c>tenant_unknown</c>, <c>not_ready</c>, <c>rotation_unfinished</c>: an earlier rotation has not ended.
    /// </exception>
    /// <exception cref="InvalidInputException"><c>reason</c>.</exception>
    public async Task<Guid> RotateAsync(Actor actor, int tenantId, string? reason, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.RotateCredential.Right);
        TenantRules.DemandReason(reason);
        return await requests.EnqueueAsync(
            actor, tenantId, TenantAction.RotateCredential,
            new AuditEntry("tenant.credential_rotation_requested") { Reason = reason!.Trim() },
            new RotationData(reason.Trim()), DemandFinishedAsync, cancellationToken);
    }

    // Under the row lock, so that two simultaneous requests start only one rotation.
    private static async Task DemandFinishedAsync(MasterContext db, Tenant tenant, CancellationToken cancellationToken)
    {
        if (await db.Set<Operation>()
            .AnyAsync(o => o.TenantId == tenant.Id && o.Kind == RotateCredential.KindName
            && UnfinishedOrFailed.Contains(o.State), cancellationToken))
        {
            throw new RuleException("rotation_unfinished");
        }
    }
}
