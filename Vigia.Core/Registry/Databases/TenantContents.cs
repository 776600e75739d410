using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Registry.Databases;

/// <summary>The content of a tenant's database, counted now.</summary>
/// <param name="Users">The number of all users.</param>
/// <param name="ActiveUsers">The number of users that count against the limit.</param>
/// <param name="Cases">The number of cases (ICSR).</param>
/// <param name="LastCaseAt">When the newest case was created. Null when there is none.</param>
/// <param name="Connections">The number of sessions in the database at this moment, without the portal's own.</param>
public sealed record TenantContent(
    long Users, long ActiveUsers, long Cases, DateTimeOffset? LastCaseAt, long Connections)
{
    /// <summary>The number of active establishments. Null when the schema does not have them yet.</summary>
    public long? ActiveEstablishments { get; init; }

    /// <summary>
    /// The number of documents issued in this calendar month of Lima. Null when the schema does not have them yet.
    /// </summary>
    public long? DocumentsThisMonth { get; init; }
}

/// <summary>
/// Counts the content of a tenant's database with that tenant's own role: what a person must know before deleting the
/// tenant, and the usage of its limits.
/// </summary>
public sealed class TenantContents(
    IDbContextFactory<MasterContext> contexts, TenantConnections connections, ServerConnections servers,
    TimeProvider time)
{
    /// <summary>
    /// The longest time that a person waits for the figures. A tenant that is large or unreachable is shown without
    /// them.
    /// </summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private const string Sql = """
        SELECT (SELECT count(*) FROM public.users), (SELECT count(*) FROM public.users WHERE is_active), (SELECT count(*) FROM public.icsr), (SELECT max(created_at) FROM public.icsr)
        """;

    // The counters of the triggers. An issued document counts even after demonstration data is removed.
    private const string CountersSql = """
        , (SELECT usado::bigint FROM public.tenant_usage WHERE limite = 'max_establecimientos'),
        coalesce((SELECT usado FROM public.tenant_usage WHERE limite = 'max_comprobantes' AND periodo = public.lima_month(now())), 0)::bigint
        """;

    /// <summary>Counts the content.</summary>
    /// <returns>
    /// Null when there is no database of the portal, or it can't be reached and counted within <see cref="Timeout"/>. A
    /// problem of one tenant is no error of the page.
    /// </returns>
    public async Task<TenantContent?> ReadAsync(Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var tenant = await db.Set<Tenant>().AsNoTracking()
            .SingleOrDefaultAsync(t => t.Id == tenantId && t.State == TenantState.Ready, cancellationToken);
        var database = await OwnDatabases.Of(db, tenantId).AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        if (tenant is null || database is null || !await db.Set<TenantCredential>()
            .AnyAsync(c => c.DatabaseId == database.Id && c.IsCurrent, cancellationToken))
        {
            return null;
        }

        var sessions = await CountSessionsAsync(database, cancellationToken);
        using var timeout = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await CountAsync(tenantId, tenant.DatabaseName!, sessions, either.Token);
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

    private async Task<long> CountSessionsAsync(ManagedDatabase database, CancellationToken cancellationToken)
    {
        await using var catalogue = await servers.OpenCatalogueAsync(database.ServerId, cancellationToken);
        await using var command = new NpgsqlCommand(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = $1", catalogue)
        { Parameters = { new() { Value = database.Name } } };
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<TenantContent> CountAsync(
        int tenantId, string database, long sessions, CancellationToken cancellationToken)
    {
        await using var session = await connections.OpenAsync(tenantId, database, cancellationToken);
        await using var counted = new NpgsqlCommand("SELECT to_regclass('public.tenant_usage') IS NOT NULL", session);
        var isCounted = await counted.ExecuteScalarAsync(cancellationToken) is true;
        await using var command = new NpgsqlCommand(isCounted ? Sql + CountersSql : Sql, session);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        DateTimeOffset? lastCase = await reader.IsDBNullAsync(3, cancellationToken) ? null
            : reader.GetFieldValue<DateTimeOffset>(3);
        return new TenantContent(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), lastCase, sessions)
        {
            ActiveEstablishments = isCounted ? reader.GetInt64(4) : null,
            DocumentsThisMonth = isCounted ? reader.GetInt64(5) : null,
        };
    }
}
