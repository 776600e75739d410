using Npgsql;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenancy;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenancy;

/// <summary>A test on sessions of tenants.</summary>
public abstract class TenantSessionTestBase(PostgresServer server) : CoreTestBase(server)
{
    protected TenantSessions Sessions => Host.Get<TenantSessions>();

    internal ConnectionGate Gate => Host.Get<ConnectionGate>();

    /// <summary>The entry of a tenant of this host, as soon as the catalogue has it.</summary>
    protected Task<TenantEntry> EntryAsync(Tenant tenant) => EntryAsync(Host, tenant);

    protected static async Task<TenantEntry> EntryAsync(CoreHost host, Tenant tenant)
    {
        TenantEntry? found = null;
        await Eventually.HoldsAsync(
            $"{tenant.Subdomain} can be used",
            () => Task.FromResult(host.Get<TenantCatalog>().TryFind(tenant.Subdomain!, out found)
                && found.RefusalNow(TimeProvider.System) == TenantRefusal.None), Cancellation);
        return found!;
    }

    /// <summary>Waits until the catalogue says that the tenant is refused in this way.</summary>
    protected Task RefusedAsync(Tenant tenant, TenantRefusal refusal) => Eventually.HoldsAsync(
        $"{tenant.Subdomain} is refused: {refusal}",
        () => Task.FromResult((Host.Get<TenantCatalog>().TryFind(tenant.Subdomain!, out var entry)
            ? entry.RefusalNow(TimeProvider.System) : TenantRefusal.Unknown) == refusal), Cancellation);

    /// <summary>A ready tenant with a table that holds its own name and that its role may read.</summary>
    protected async Task<(Tenant Tenant, TenantEntry Entry)> WithCanaryAsync(string stem)
    {
        var tenant = await ReadyAsync(NewName(stem));
        await PostgresServer.ExecuteAsync(Server.SuperuserUrl(tenant.DatabaseName!), $"""
            CREATE TABLE public.canary AS SELECT '{tenant.Subdomain}' AS name;
            GRANT SELECT ON public.canary TO PUBLIC
            """, Cancellation);
        return (tenant, await EntryAsync(tenant));
    }

    protected async Task<T> ReadAsync<T>(TenantEntry entry, string sql)
    {
        await using var session = await Sessions.OpenAsync(entry, Cancellation);
        return await ScalarAsync<T>(session, sql);
    }

    protected static async Task<T> ScalarAsync<T>(TenantSession session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session.Connection);
        return (T)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    protected async Task RefusesAsync(TenantEntry entry, TenantRefusal refusal)
    {
        var refused = await Assert.ThrowsAsync<TenantRefusedException>(
            () => Sessions.OpenAsync(entry, Cancellation).AsTask());
        Assert.Equal(refusal, refused.Refusal);
    }

    /// <summary>The connections that the server has of a host's tenants.</summary>
    protected static Task<long> ConnectionsAsync(CoreHost host, string? database = null) =>
        host.ScalarAsync<long>("postgres", $"""
            SELECT count(*) FROM pg_stat_activity
            WHERE application_name = '{host.Get<ConnectionGate>().ApplicationName}'
              AND ('{database}' = '' OR datname = '{database}')
            """);

    protected Task WriteAsync(string sql) =>
        PostgresServer.ExecuteAsync(Server.SuperuserUrl(Host.Master.Database), sql, Cancellation);
}
