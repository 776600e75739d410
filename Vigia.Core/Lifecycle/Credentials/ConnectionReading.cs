using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Credentials;

/// <summary>How a program reaches a tenant's database with the tenant's own role.</summary>
public sealed record TenantConnection(string Host, int Port, string Database, string User, string Password)
{
    /// <summary>Without the password.</summary>
    public override string ToString() => $"{User}@{Host}:{Port}/{Database}";
}

/// <summary>
/// Tells a program how to reach one tenant's database, as TENANT_DB_TEMPLATE says, and records it each time. Only
/// service accounts can hold the right. See docs/rules.md#connection-for-programs.
/// </summary>
public sealed class ConnectionReading(
    IDbContextFactory<MasterContext> contexts, TenantConnections connections, VigiaSettings settings, AuditTrail audit,
    TimeProvider time)
{
    /// <summary>The action of the audit record.</summary>
    public const string Action = "tenant.connection_read";

    /// <summary>The action of the record about refusals.</summary>
    public const string Refused = "tenant.connection_refused";

    // A program that retries in a loop must not fill the audit trail.
    private static readonly TimeSpan BetweenRefusals = TimeSpan.FromHours(1);

    /// <summary>Reads the connection of a tenant whose users may work now.</summary>
    /// <exception cref="NotFoundException"><c>tenant_unknown</c>: also for a tenant outside of the scope.</exception>
    /// <exception cref="RuleException">
    /// <c>not_ready</c>: it has no database of ours that is ready; <c>connection_inactive</c>: it is suspended,
    /// withdrawn or expired; <c>password_key_lost</c>; <c>read_only</c>, <c>audit_closed</c>: it can't be recorded.
    /// </exception>
    public async Task<TenantConnection> ReadAsync(Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        actor.Demand(ServiceRights.TenantsConnectionRead);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        try
        {
            return await ReadAsync(db, actor, tenantId, isRecorded: true, cancellationToken);
        }
        catch (RuleException e) when (e.Reason.Code is "tenant_unknown" or "not_ready" or "connection_inactive"
            or "password_key_lost")
        {
            await RecordRefusalAsync(actor, tenantId, e.Reason.Code, cancellationToken);
            throw;
        }
    }

    /// <summary>
    /// Refuses what <see cref="ReadAsync(Actor, int, CancellationToken)"/> refuses, without a record and without the
    /// connection.
    /// </summary>
    /// <inheritdoc cref="ReadAsync(Actor, int, CancellationToken)"/>
    public async Task CheckAsync(Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        actor.Demand(ServiceRights.TenantsConnectionRead);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await ReadAsync(db, actor, tenantId, isRecorded: false, cancellationToken);
    }

    private async Task<TenantConnection> ReadAsync(
        MasterContext db, Actor actor, int tenantId, bool isRecorded, CancellationToken cancellationToken)
    {
        // Locked until the record is committed: a suspension comes before this reading, which is refused then, or
        // after it. Nothing leaves the process meanwhile.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await db.Set<Tenant>().AsNoTracking()
            .SingleOrDefaultAsync(t => t.Id == tenantId, cancellationToken);
        if (tenant is not null)
        {
            await db.Database.ExecuteSqlAsync(
                $"SELECT FROM public.clientes_saas WHERE id = {tenantId} FOR SHARE", cancellationToken);
            tenant = await db.Set<Tenant>().AsNoTracking()
                .SingleOrDefaultAsync(t => t.Id == tenantId, cancellationToken);
        }

        if (tenant is not { State: TenantState.Ready })
        {
            throw tenant is not null
                || await db.Set<TrashedTenant>().AnyAsync(t => t.Id == tenantId, cancellationToken)
                    ? new RuleException("not_ready") : new NotFoundException("tenant_unknown");
        }

        if (!tenant.IsActive || tenant.ExpiresAt <= time.GetUtcNow())
        {
            throw new RuleException("connection_inactive");
        }

        var found = await (
            from database in OwnDatabases.Of(db, tenantId)
            join credential in db.Set<TenantCredential>() on database.Id equals credential.DatabaseId
            where credential.IsCurrent
            select new { database.Name, Credential = credential }).AsNoTracking()
            .SingleOrDefaultAsync(cancellationToken) ?? throw new RuleException("not_ready");
        var route = settings.TenantTemplate.For(found.Name);
        var answer = new TenantConnection(
            route.Host, route.Port, found.Name, found.Credential.RoleName, Unprotect(found.Credential));
        if (!isRecorded)
        {
            return answer;
        }

        await audit.CommitAsync(db, actor, new AuditEntry(Action)
        {
            TenantId = tenant.Id,
            Ruc = tenant.Ruc,
            Subdomain = tenant.Subdomain,
            After = new Dictionary<string, object?> { ["db_name"] = answer.Database, ["role_name"] = answer.User },
        }, cancellationToken);
        return answer;
    }

    private string Unprotect(TenantCredential credential)
    {
        try
        {
            return connections.Unprotect(credential);
        }
        catch (CryptographicException)
        {
            throw new RuleException("password_key_lost");
        }
    }

    // One record for each account, reason and hour. Two calls at the same moment may write two.
    private async Task RecordRefusalAsync(
        Actor actor, int tenantId, string reason, CancellationToken cancellationToken)
    {
        var since = time.GetUtcNow() - BetweenRefusals;
        var why = JsonSerializer.Serialize(new Dictionary<string, string> { ["why"] = reason });
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await db.Set<AuditEvent>().AnyAsync(
            e => e.ActorId == actor.ServiceAccountId && e.Action == Refused && e.At > since
                && EF.Functions.JsonContains(e.After!, why), cancellationToken))
        {
            return;
        }

        try
        {
            await audit.CommitAsync(db, actor, new AuditEntry(Refused)
            {
                After = new Dictionary<string, object?> { ["why"] = reason, ["first_tenant_id"] = tenantId },
            }, cancellationToken);
        }
        catch (Exception e) when (e is AuditChainClosedException
            or RuleException { Reason.Code: "read_only" or "audit_closed" })
        {
            // The call is refused all the same.
        }
    }
}
