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
public sealed record TenantContent(long Users, long ActiveUsers, long Cases, DateTimeOffset? LastCaseAt, long Connections);

/// <summary>Looks into a client's database as that client's own role: what a person has to know before deleting it, and the use of limits.</summary>
public sealed class TenantContents(IDbContextFactory<MasterContext> contexts, TenantConnections connections)
{
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
            await using var command = new NpgsqlCommand(
                """
                SELECT (SELECT count(*) FROM public.users), (SELECT count(*) FROM public.users WHERE is_active),
                       (SELECT count(*) FROM public.icsr), (SELECT max(created_at) FROM public.icsr)
                """, session);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            return new TenantContent(
                reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), await reader.IsDBNullAsync(3, cancellationToken) ? null : reader.GetFieldValue<DateTimeOffset>(3), sessions);
        }
        catch (NpgsqlException)
        {
            return null;
        }
    }
}
