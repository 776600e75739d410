using Npgsql;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Postgres;

/// <summary>
/// Somebody sets settings on the portal's role or on its databases. The portal's sessions do not follow.
/// </summary>
public sealed class SessionSettingsTests(PostgresServer server) : CoreTestBase(server)
{
    private static readonly (string Name, string Theirs, string Ours)[] Settings =
    [
        ("statement_timeout", "1ms", "0"), ("lock_timeout", "1ms", "0"), ("idle_session_timeout", "50ms", "0"),
        ("default_transaction_isolation", "serializable", "read committed"), ("search_path", "pg_catalog", "public"),
        ("standard_conforming_strings", "off", "on"), ("row_security", "off", "on"),
        ("datestyle", "SQL, DMY", "ISO, MDY"), ("intervalstyle", "sql_standard", "postgres"),
        ("bytea_output", "escape", "hex"),
    ];

    [Fact]
    public async Task Portal_SettingsOnDatabaseAndRole_ChangeNothing()
    {
        var ready = await ReadyAsync(NewName("antes"));
        await SetAsync($"ROLE {PostgresServer.PortalRole} IN DATABASE \"{Host.Master.Database}\"");
        await SetAsync($"DATABASE \"{Host.Master.Database}\"");
        await SetAsync($"DATABASE \"{ready.DatabaseName}\"");

        // Registers, clones a template, writes to its database, and records all of it.
        var tenant = await ReadyAsync(NewName("despues"));
        Assert.Equal(TenantState.Ready, tenant.State);
        var verdict = await Host.Get<AuditVerifier>().VerifyAsync(Host.Admin, null, null, Cancellation);
        Assert.True(verdict.Holds, $"{verdict}");

        await using (var pooled = await Host.Get<NpgsqlDataSource>().OpenConnectionAsync(Cancellation))
        {
            Assert.Equal(Settings.Select(s => s.Ours), await ReadAsync(pooled));
        }

        await using (var server = await Host.Get<ServerConnections>().OpenAsync(
            ServerConnections.MasterServerId, Host.Master.Database, Cancellation))
        {
            Assert.Equal(Settings.Select(s => s.Ours), await ReadAsync(server));
        }

        // A tenant's role has a timeout of statements that is ours.
        await using var inside = await Host.Get<TenantConnections>().OpenAsync(
            ready.Id, ready.DatabaseName!, Cancellation);
        Assert.Equal(["1min", .. Settings.Skip(1).Select(s => s.Ours)], await ReadAsync(inside));

        // The tests' own sessions, which end the host, follow the settings.
        await PostgresServer.ExecuteAsync(Server.SuperuserUrl("postgres"),
            $"ALTER ROLE {PostgresServer.PortalRole} IN DATABASE \"{Host.Master.Database}\" RESET ALL; "
            + $"ALTER DATABASE \"{Host.Master.Database}\" RESET ALL",
            Cancellation);
    }

    private async Task SetAsync(string on)
    {
        var superuser = Server.SuperuserUrl("postgres");
        foreach (var (name, theirs, _) in Settings)
        {
            await PostgresServer.ExecuteAsync(superuser, $"ALTER {on} SET {name} = '{theirs}'", Cancellation);
        }

        // New sessions only: nothing here is about sessions that are ended.
        Host.Get<NpgsqlDataSource>().Clear();
    }

    private static async Task<IEnumerable<string>> ReadAsync(NpgsqlConnection session)
    {
        var values = new List<string>();
        foreach (var (name, _, _) in Settings)
        {
            await using var command = new NpgsqlCommand($"SHOW {name}", session);
            values.Add((string)(await command.ExecuteScalarAsync(Cancellation))!);
        }

        return values;
    }
}
