using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Registry.Databases;

/// <summary>
/// Counts the content of a tenant's database with that tenant's own role, and stores the figures in the master. When
/// the database refuses that role, the reason and the statement that mends it are stored too.
/// </summary>
// More than five dependencies: a session in a tenant's database meets here what the master knows of it.
public sealed partial class TenantContentCounter(
    IDbContextFactory<MasterContext> contexts, TenantConnections connections, ServerConnections servers,
    DatabaseObserver observer, TimeProvider time, ILogger<TenantContentCounter> logger)
{
    /// <summary>
    /// The longest time that a count takes. A tenant that is large or unreachable keeps its last figures.
    /// </summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private const string Sql = """
        SELECT (SELECT count(*) FROM public.users), (SELECT count(*) FROM public.users WHERE is_active),
               (SELECT count(*) FROM public.icsr), (SELECT max(created_at) FROM public.icsr)
        """;

    // The group has all rights of a tenant's role in its database.
    private const string MissingRightsSql = """
        SELECT has_schema_privilege('public', 'USAGE'), (
            SELECT string_agg(format('%I.%I', n.nspname, c.relname), ', ' ORDER BY c.relname)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'public' AND c.relname IN ('users', 'icsr', 'tenant_usage')
              AND NOT has_table_privilege(c.oid, 'SELECT'))
        """;

    // The schema's version decides which of the product's tables have demonstration rows.
    private const string DemoTablesSql = """
        SELECT string_agg(format('(SELECT count(*) FROM public.%I WHERE es_demo)', c.relname), ' + ')
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = to_regnamespace('public') AND c.relkind = 'r' AND a.attname = 'es_demo'
          AND a.atttypid = 'boolean'::regtype AND has_column_privilege(c.oid, a.attnum, 'SELECT')
        """;

    /// <summary>Counts everything now and stores the figures.</summary>
    /// <returns>
    /// Null when there is no database of the portal, or it can't be reached and counted within <see cref="Timeout"/>. A
    /// problem of one tenant is no error of the caller.
    /// </returns>
    public Task<TenantContent?> CountAsync(int tenantId, CancellationToken cancellationToken) =>
        CountAsync(tenantId, isRoutine: false, cancellationToken);

    /// <summary>
    /// Counts as <see cref="CountAsync(int, CancellationToken)"/> does, but does not look for demonstration rows in a
    /// production tenant that had none: only demo tenants get any, and each look reads whole tables.
    /// </summary>
    internal Task<TenantContent?> CountRoutinelyAsync(int tenantId, CancellationToken cancellationToken) =>
        CountAsync(tenantId, isRoutine: true, cancellationToken);

    private async Task<TenantContent?> CountAsync(int tenantId, bool isRoutine, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var tenant = await db.Set<Tenant>().AsNoTracking()
            .SingleOrDefaultAsync(t => t.Id == tenantId && t.State == TenantState.Ready, cancellationToken);
        var database = await OwnDatabases.Of(db, tenantId).AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        if (tenant is null || database is null)
        {
            return null;
        }

        var roles = await db.Set<TenantCredential>().Where(c => c.DatabaseId == database.Id)
            .Select(c => new { c.RoleName, c.IsCurrent }).ToListAsync(cancellationToken);
        if (!roles.Exists(r => r.IsCurrent))
        {
            return null;
        }

        var hasNoDemo = isRoutine && tenant.Environment != TenantEnvironments.Demo
            && await LastAsync(db, tenantId, cancellationToken) is { DemoRows: 0 };

        using var timeout = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var (content, own) =
                await ReadAsync(tenantId, database, tenant.DatabaseName!, !hasNoDemo, either.Token);
            var sessions = await CountSessionsAsync(database, own, either.Token);
            content = content with
            {
                Connections = sessions.Values.Sum(),
                RoleSessions = roles.ToDictionary(r => r.RoleName, r => sessions.GetValueOrDefault(r.RoleName)),
                CountedAt = time.GetUtcNow(),
            };
            await StoreAsync(db, tenantId, content, cancellationToken);
            return content;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // A DatabaseConflictException means that the database with the tenant's name is not the one that the portal
            // made, which the tenant's state shows. Unexpected errors are logged: the content of one database
            // must not end the counts of others.
            if (e is not (NpgsqlException or OperationCanceledException or DatabaseConflictException))
            {
                LogFailed(logger, e, tenantId);
            }

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

    private static async Task<TenantContent?> LastAsync(
        MasterContext db, int tenantId, CancellationToken cancellationToken) =>
        await db.Set<StoredContent>().Where(c => c.TenantId == tenantId).Select(c => c.Figures)
            .SingleOrDefaultAsync(cancellationToken) is { } figures
            ? JsonSerializer.Deserialize<TenantContent>(figures) : null;

    // The session that has just counted may still be ending.
    private async Task<Dictionary<string, long>> CountSessionsAsync(
        ManagedDatabase database, int own, CancellationToken cancellationToken)
    {
        await using var catalogue = await servers.OpenCatalogueAsync(database.ServerId, cancellationToken);
        await using var command = new NpgsqlCommand(
            """
            SELECT coalesce(usename, ''), count(*) FROM pg_stat_activity WHERE datname = $1 AND pid <> $2 GROUP BY 1
            """, catalogue)
        { Parameters = { new() { Value = database.Name }, new() { Value = own } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var sessions = new Dictionary<string, long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            sessions[reader.GetString(0)] = reader.GetInt64(1);
        }

        return sessions;
    }

    private async Task<(TenantContent Content, int Own)> ReadAsync(
        int tenantId, ManagedDatabase database, string name, bool withDemo, CancellationToken cancellationToken)
    {
        await using var session = await OpenAsync(tenantId, database, name, cancellationToken);
        try
        {
            var content = await ReadAsync(session, cancellationToken) with
            {
                DemoRows = withDemo ? await CountDemoRowsAsync(session, cancellationToken) : 0,
            };
            await observer.StoreRefusalAsync(database.ServerId, name, null, null, cancellationToken);
            return (content, session.ProcessID);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            await observer.StoreRefusalAsync(
                database.ServerId, name, DatabaseRefusal.ContentRefused,
                await FindRemedyAsync(session, cancellationToken), cancellationToken);
            throw;
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(
        int tenantId, ManagedDatabase database, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await connections.OpenAsync(tenantId, name, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState != PostgresErrorCodes.InvalidCatalogName
            && !SqlStates.IsTransient(e.SqlState) && !SqlStates.IsShortage(e.SqlState))
        {
            // The catalogue may show the reason.
            await observer.LookAsync(database.ServerId, [name], cancellationToken);
            await observer.StoreRefusalAsync(
                database.ServerId, name,
                e.SqlState == PostgresErrorCodes.InvalidPassword ? DatabaseRefusal.PasswordRefused
                    : DatabaseRefusal.SessionRefused, null, cancellationToken);
            throw;
        }
    }

    // The rights are granted in the database, so the statements name nothing outside of it.
    private static async Task<string?> FindRemedyAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(MissingRightsSql, session);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var group = SqlIdentifier.Quote(RoleDdl.TenantGroup);
        string?[] statements =
        [
            reader.GetBoolean(0) ? null : $"GRANT USAGE ON SCHEMA public TO {group};",
            await reader.IsDBNullAsync(1, cancellationToken) ? null
                : $"GRANT SELECT ON {reader.GetString(1)} TO {group};",
        ];
        return string.Join(' ', statements.OfType<string>()) is { Length: > 0 } remedy ? remedy : null;
    }

    private static async Task<TenantContent> ReadAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        var (establishments, documents) = await LimitUse.ExpressionsAsync(session, cancellationToken);
        await using var command = new NpgsqlCommand($"{Sql}, {establishments}, {documents}", session);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        DateTimeOffset? lastCase = await reader.IsDBNullAsync(3, cancellationToken) ? null
            : reader.GetFieldValue<DateTimeOffset>(3);
        return new TenantContent(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), lastCase, 0)
        {
            ActiveEstablishments = await reader.IsDBNullAsync(4, cancellationToken) ? null : reader.GetInt64(4),
            DocumentsThisMonth = await reader.IsDBNullAsync(5, cancellationToken) ? null : reader.GetInt64(5),
        };
    }

    private static async Task<long?> CountDemoRowsAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var tables = new NpgsqlCommand(DemoTablesSql, session);
        if (await tables.ExecuteScalarAsync(cancellationToken) is not string sum)
        {
            return null;
        }

        await using var command = new NpgsqlCommand("SELECT " + sum, session);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The content of tenant {TenantId} can't be counted")]
    private static partial void LogFailed(ILogger logger, Exception exception, int tenantId);
}
