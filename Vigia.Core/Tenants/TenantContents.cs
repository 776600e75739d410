using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Master;
using Vigia.Core.Staff;
using Vigia.Core.Tenancy;

namespace Vigia.Core.Tenants;

/// <summary>What is in a client's database, counted now.</summary>
/// <param name="Users">All users.</param>
/// <param name="ActiveUsers">Users that count against the limit.</param>
/// <param name="Cases">Cases (ICSR).</param>
/// <param name="LastCaseAt">When the newest was created; null when there is none.</param>
/// <param name="Connections">Sessions in the database at this moment, without ours.</param>
public sealed record TenantContent(long Users, long ActiveUsers, long Cases, DateTimeOffset? LastCaseAt, long Connections)
{
    /// <summary>Active establishments; null in a database whose schema does not have them yet.</summary>
    public long? ActiveEstablishments { get; init; }

    /// <summary>Documents issued in this calendar month of Lima; null in a database whose schema does not have them yet.</summary>
    public long? DocumentsThisMonth { get; init; }

    /// <summary>The limits of <paramref name="wanted"/> that are changed to less than what is in use: nothing is taken away, but nothing more gets in.</summary>
    /// <returns>The field's name, what is in use, and the new limit.</returns>
    public IReadOnlyList<(string Field, long Used, long Limit)> LoweredBelowUse(TenantDetails seen, TenantDetails wanted)
    {
        (string Field, long? Used, long? Before, long? After)[] limits =
        [
            ("max_usuarios", ActiveUsers, seen.MaxUsers, wanted.MaxUsers),
            ("max_establecimientos", ActiveEstablishments, seen.MaxEstablishments, wanted.MaxEstablishments),
            ("max_comprobantes", DocumentsThisMonth, seen.LimitIssuance ? seen.MaxDocuments : null, wanted.LimitIssuance ? wanted.MaxDocuments : null),
        ];
        return [.. limits.Where(l => l.After != l.Before && l.After < l.Used).Select(l => (l.Field, l.Used!.Value, l.After!.Value))];
    }
}

/// <summary>Looks into a client's database as that client's own role: what a person has to know before deleting it, and the use of limits.</summary>
public sealed class TenantContents(IDbContextFactory<MasterContext> contexts, TenantConnections connections)
{
    private const string Sql = """
        SELECT (SELECT count(*) FROM public.users), (SELECT count(*) FROM public.users WHERE is_active), (SELECT count(*) FROM public.icsr), (SELECT max(created_at) FROM public.icsr)
        """;

    // What the triggers count: a document that was issued counts also when demonstration data has gone.
    private const string CountersSql = """
        , (SELECT usado::bigint FROM public.tenant_usage WHERE limite = 'max_establecimientos'),
        coalesce((SELECT usado FROM public.tenant_usage WHERE limite = 'max_comprobantes' AND periodo = public.lima_month(now())), 0)::bigint
        """;

    /// <summary>Counts.</summary>
    /// <returns>Null when there is no database of ours or it can't be reached now: one client's trouble is no error of the page.</returns>
    public async Task<TenantContent?> ReadAsync(Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var tenant = await db.Tenants.AsNoTracking().SingleOrDefaultAsync(t => t.Id == tenantId && t.State == TenantState.Ready, cancellationToken);
        if (tenant is null || !await db.Credentials.AnyAsync(c => c.TenantId == tenantId && c.IsCurrent, cancellationToken))
        {
            return null;
        }

        var sessions = await db.Database.SqlQuery<long>($"SELECT count(*) AS \"Value\" FROM pg_stat_activity WHERE datname = {tenant.DatabaseName}").SingleAsync(cancellationToken);
        try
        {
            await using var session = await connections.OpenAsync(tenantId, tenant.DatabaseName!, cancellationToken);
            await using var counted = new NpgsqlCommand("SELECT to_regclass('public.tenant_usage') IS NOT NULL", session);
            var isCounted = await counted.ExecuteScalarAsync(cancellationToken) is true;
            await using var command = new NpgsqlCommand(isCounted ? Sql + CountersSql : Sql, session);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            return new TenantContent(
                reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), await reader.IsDBNullAsync(3, cancellationToken) ? null : reader.GetFieldValue<DateTimeOffset>(3), sessions)
            {
                ActiveEstablishments = isCounted ? reader.GetInt64(4) : null,
                DocumentsThisMonth = isCounted ? reader.GetInt64(5) : null,
            };
        }
        catch (NpgsqlException)
        {
            return null;
        }
    }
}
