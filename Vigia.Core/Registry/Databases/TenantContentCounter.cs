using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Registry.Databases;

/// <summary>
/// Counts the content of a tenant's database with that tenant's own role, and stores the figures in the master.
/// </summary>
public sealed class TenantContentCounter(
    IDbContextFactory<MasterContext> contexts, TenantConnections connections, ServerConnections servers,
    TimeProvider time)
{
    /// <summary>
    /// The longest time that a count takes. A tenant that is large or unreachable keeps its last figures.
    /// </summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private const string Sql = """
        SELECT (SELECT count(*) FROM public.users), (SELECT count(*) FROM public.users WHERE is_active),
               (SELECT count(*) FROM public.icsr), (SELECT max(created_at) FROM public.icsr)
        """;

    // The counters of the triggers. An issued document counts even after demonstration data is removed.
    private const string CountersSql = """
        , (SELECT usado::bigint FROM public.tenant_usage WHERE limite = 'max_establecimientos'),
        coalesce((SELECT usado FROM public.tenant_usage
                  WHERE limite = 'max_comprobantes' AND periodo = public.lima_month(now())), 0)::bigint
        """;

    /// <summary>Counts now and stores the figures.</summary>
    /// <returns>
    /// Null when there is no database of the portal, or it can't be reached and counted within <see cref="Timeout"/>. A
    /// problem of one tenant is no error of the caller.
    /// </returns>
    public async Task<TenantContent?> CountAsync(int tenantId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var tenant = await db.Set<Tenant>().AsNoTracking()
            .SingleOrDefaultAsync(t => t.Id == tenantId && t.State == TenantState.Ready, cancellationToken);
        var database = await OwnDatabases.Of(db, tenantId).AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        if (tenant is null || database is null || !await db.Set<TenantCredential>()
            .AnyAsync(c => c.DatabaseId == database.Id && c.IsCurrent, cancellationToken))
        {
            return null;
        }

        using var timeout = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var content = await ReadAsync(tenantId, tenant.DatabaseName!, either.Token) with
            {
                Connections = await CountSessionsAsync(database, cancellationToken),
                CountedAt = time.GetUtcNow(),
            };
            await StoreAsync(db, tenantId, content, cancellationToken);
            return content;
        }
        catch (DatabaseConflictException)
        {
            // The database with the tenant's name is not the one that the portal made. The tenant's state shows this on
            // the page.
            return null;
        }
        catch (Exception e) when (
            e is NpgsqlException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    private static Task<int> StoreAsync(
        MasterContext db, int tenantId, TenantContent content, CancellationToken cancellationToken)
    {
        var figures = JsonSerializer.Serialize(content);
        return db.Database.ExecuteSqlAsync($"""
            INSERT INTO portal.tenant_contents AS c (tenant_id, counted_at, figures, due_at)
            VALUES ({tenantId}, {content.CountedAt}, {figures}::jsonb, {content.CountedAt})
            ON CONFLICT (tenant_id) DO UPDATE SET counted_at = EXCLUDED.counted_at, figures = EXCLUDED.figures
            """, cancellationToken);
    }

    private async Task<long> CountSessionsAsync(ManagedDatabase database, CancellationToken cancellationToken)
    {
        await using var catalogue = await servers.OpenCatalogueAsync(database.ServerId, cancellationToken);
        await using var command = new NpgsqlCommand(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = $1", catalogue)
        { Parameters = { new() { Value = database.Name } } };
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<TenantContent> ReadAsync(int tenantId, string database, CancellationToken cancellationToken)
    {
        await using var session = await connections.OpenAsync(tenantId, database, cancellationToken);
        await using var counted = new NpgsqlCommand("SELECT to_regclass('public.tenant_usage') IS NOT NULL", session);
        var isCounted = await counted.ExecuteScalarAsync(cancellationToken) is true;
        await using var command = new NpgsqlCommand(isCounted ? Sql + CountersSql : Sql, session);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        DateTimeOffset? lastCase = await reader.IsDBNullAsync(3, cancellationToken) ? null
            : reader.GetFieldValue<DateTimeOffset>(3);
        return new TenantContent(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), lastCase, 0)
        {
            ActiveEstablishments = isCounted ? reader.GetInt64(4) : null,
            DocumentsThisMonth = isCounted ? reader.GetInt64(5) : null,
        };
    }
}
