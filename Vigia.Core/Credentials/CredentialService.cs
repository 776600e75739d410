using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;

namespace Vigia.Core.Credentials;

/// <summary>A login role of a client, as people see it.</summary>
/// <param name="RoleName">Its name.</param>
/// <param name="IsCurrent">Whether new sessions get it.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ReplacedAt">When a newer one took its place.</param>
/// <param name="Sessions">How many sessions it has now.</param>
public sealed record CredentialView(string RoleName, bool IsCurrent, DateTimeOffset CreatedAt, DateTimeOffset? ReplacedAt, int Sessions);

/// <summary>The login roles of a client's database: looked at, and replaced.</summary>
public sealed class CredentialService(IDbContextFactory<MasterContext> contexts, NpgsqlDataSource master, OperationQueue queue, AuditTrail audit)
{
    private static readonly OperationState[] Unfinished = [OperationState.Queued, OperationState.Running, OperationState.Waiting, OperationState.Cancelling, OperationState.Failed];

    /// <summary>The client's login roles, the current one first.</summary>
    public async Task<IReadOnlyList<CredentialView>> ListAsync(Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        if (!await db.Tenants.AnyAsync(t => t.Id == tenantId, cancellationToken))
        {
            return [];
        }

        var all = await db.Credentials.AsNoTracking().Where(c => c.TenantId == tenantId).OrderByDescending(c => c.IsCurrent).ThenByDescending(c => c.Number).ToListAsync(cancellationToken);
        await using var session = await master.OpenConnectionAsync(cancellationToken);
        var views = new List<CredentialView>();
        foreach (var credential in all)
        {
            var sessions = await RoleRetirement.CountSessionsAsync(session, [credential.RoleName], cancellationToken);
            views.Add(new CredentialView(credential.RoleName, credential.IsCurrent, credential.CreatedAt, credential.ReplacedAt, sessions));
        }

        return views;
    }

    /// <summary>Gives the client's database a new login role; sessions of the present one go on until they end.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="tenantId">The client; must be ready.</param>
    /// <param name="reason">Why, in words.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The operation's id.</returns>
    /// <exception cref="RuleException"><c>tenant_unknown</c>, <c>not_ready</c>, <c>rotation_unfinished</c>: an earlier one is not over.</exception>
    /// <exception cref="InvalidInputException"><c>reason</c>.</exception>
    public async Task<Guid> RotateAsync(Actor actor, int tenantId, string? reason, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsCredentialRotate);
        TenantRules.DemandReason(reason);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.LockAsync(db, tenantId, cancellationToken);
        if (tenant.State != TenantState.Ready)
        {
            throw new RuleException("not_ready");
        }

        // Under the row's lock: two people who press at once start one.
        if (await db.Operations.AnyAsync(o => o.TenantId == tenantId && o.Kind == RotateCredential.KindName && Unfinished.Contains(o.State), cancellationToken))
        {
            throw new RuleException("rotation_unfinished");
        }

        var operation = queue.Enqueue(db, actor, RotateCredential.KindName, tenant, new RotationData(reason!.Trim()));
        await audit.CommitAsync(db, actor, new AuditEntry("tenant.credential_rotation_requested")
        {
            TenantId = tenant.Id, Ruc = tenant.Ruc, Subdomain = tenant.Subdomain, OperationId = operation.Id, Reason = reason.Trim(),
        }, cancellationToken);
        return operation.Id;
    }
}
