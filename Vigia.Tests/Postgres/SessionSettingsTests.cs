using Npgsql;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Operations;
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
    private static readonly Setting[] Settings =
    [
        new("statement_timeout", "1ms", "0"), new("lock_timeout", "1ms", "0"), new("idle_session_timeout", "50ms", "0"),
        new("default_transaction_isolation", "serializable", "read committed"),
        new("search_path", "pg_catalog", "public"),
        new("standard_conforming_strings", "off", "on"), new("row_security", "off", "on"),
        new("datestyle", "SQL, DMY", "ISO, MDY"), new("intervalstyle", "sql_standard", "postgres"),
        new("bytea_output", "escape", "hex"), new("role", "{role}", "none"), new("timezone", "Asia/Tokyo", "UTC"),
        new("quote_all_identifiers", "on", "off"), new("transform_null_equals", "on", "off"),
        new("default_transaction_deferrable", "on", "off"), new("default_tablespace", "pg_global", ""),
        new("idle_in_transaction_session_timeout", "1ms", "0"), new("transaction_timeout", "50ms", "0"),
        new("createrole_self_grant", "set, inherit", ""), new("exit_on_error", "on", "off"),
        new("gin_fuzzy_search_limit", "1", "0"), new("synchronous_commit", "off", "on"),
    ];

    private readonly string _role = $"otra_{Guid.NewGuid():n}"[..20];

    [Fact]
    public async Task Portal_SettingsOnDatabaseAndRole_ChangeNothing()
    {
        var ready = await ReadyAsync(NewName("antes"));
        var known = await KnownAsync();
        var portal = $"ROLE {PostgresServer.PortalRole} IN DATABASE \"{Host.Master.Database}\"";
        var tenantRole = await Host.ScalarAsync<string>(Host.Master.Database,
            $"SELECT role_name FROM portal.tenant_credentials WHERE tenant_id = {ready.Id}");
        await PostgresServer.ExecuteAsync(Server.SuperuserUrl("postgres"),
            $"CREATE ROLE {_role}; GRANT {_role} TO {PostgresServer.PortalRole}", Cancellation);
        await SetAsync(portal, known);
        await SetAsync($"DATABASE \"{Host.Master.Database}\"", known);
        await SetAsync($"DATABASE \"{ready.DatabaseName}\"", known);
        await SetAsync($"ROLE \"{tenantRole}\" IN DATABASE \"{ready.DatabaseName}\"", known);

        // Registers, clones a template, writes to its database, and records all of it.
        var tenant = await ReadyAsync(NewName("despues"));
        Assert.Equal(TenantState.Ready, tenant.State);
        var verdict = await Host.Get<AuditVerifier>().VerifyAsync(Host.Admin, null, null, Cancellation);
        Assert.True(verdict.Holds, $"{verdict}");

        var proof = await Host.EndOfAsync(
            await Host.Get<IsolationService>().ProveAsync(Host.Admin, ready.Id, Cancellation));
        Assert.True(proof.State == OperationState.Succeeded, $"{proof.Error}");
        await using (var pooled = await Host.Get<NpgsqlDataSource>().OpenConnectionAsync(Cancellation))
        {
            await AssertOursAsync(pooled, known, idleInTransaction: "10s");
        }

        await using (var server = await Host.Get<ServerConnections>().OpenAsync(
            ServerConnections.MasterServerId, Host.Master.Database, Cancellation))
        {
            await AssertOursAsync(server, known);
        }

        // A tenant's role has a timeout of statements that is ours.
        await using (var inside = await Host.Get<TenantConnections>().OpenAsync(
            ready.Id, ready.DatabaseName!, Cancellation))
        {
            await AssertOursAsync(inside, known, statement: "1min");
            Assert.Equal(tenantRole, await ShowAsync(inside, "SELECT current_user::text"));
        }

        // The tests' own sessions, which end the host, follow the settings.
        await PostgresServer.ExecuteAsync(Server.SuperuserUrl("postgres"),
            $"ALTER {portal} RESET ALL; ALTER DATABASE \"{Host.Master.Database}\" RESET ALL; "
            + $"ALTER DATABASE \"{ready.DatabaseName}\" RESET ALL; DROP ROLE {_role}",
            Cancellation);
    }

    private async Task SetAsync(string on, IReadOnlyList<Setting> known)
    {
        var superuser = Server.SuperuserUrl("postgres");
        foreach (var setting in known)
        {
            var theirs = setting.Theirs.Replace("{role}", _role, StringComparison.Ordinal);
            await PostgresServer.ExecuteAsync(superuser, $"ALTER {on} SET {setting.Name} = '{theirs}'", Cancellation);
        }

        // New sessions only: nothing here is about sessions that are ended.
        Host.Get<NpgsqlDataSource>().Clear();
    }

    // An older server does not have the newest settings.
    private async Task<IReadOnlyList<Setting>> KnownAsync()
    {
        var names = await Host.ScalarAsync<string[]>(
            "postgres", "SELECT array_agg(lower(name)) || '{role}' FROM pg_settings");
        return [.. Settings.Where(s => names.Contains(s.Name))];
    }

    private static async Task AssertOursAsync(
        NpgsqlConnection session, IReadOnlyList<Setting> known, string statement = "0", string idleInTransaction = "0")
    {
        foreach (var setting in known)
        {
            var ours = setting.Name switch
            {
                "statement_timeout" => statement,
                "idle_in_transaction_session_timeout" => idleInTransaction,
                _ => setting.Ours,
            };
            Assert.Equal((setting.Name, ours), (setting.Name, await ShowAsync(session, $"SHOW {setting.Name}")));
        }
    }

    private static async Task<string> ShowAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        return (string)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private sealed record Setting(string Name, string Theirs, string Ours);
}
