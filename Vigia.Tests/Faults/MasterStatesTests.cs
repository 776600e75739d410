using System.Net;
using Npgsql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Tests.Api;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Faults;

/// <summary>
/// The master's server is there and in a state in which the portal can't work: API, pages and health say "unavailable",
/// nobody gets an error of the portal's own, and all of it passes with the state.
/// </summary>
public sealed class MasterStatesTests(PostgresServer server)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The fault, its end, and whether reading still works in it.</summary>
    public static TheoryData<string, string, string, bool> States => new()
    {
        { "25006 read-only", "ALTER DATABASE {db} SET default_transaction_read_only = on",
            "ALTER DATABASE {db} RESET default_transaction_read_only", true },
        { "28P01 another password", "ALTER ROLE {role} PASSWORD 'another'", "ALTER ROLE {role} PASSWORD '{password}'",
            false },
        { "28000 no login", "ALTER ROLE {role} NOLOGIN", "ALTER ROLE {role} LOGIN", false },
        { "53300 no connections left", "ALTER ROLE {role} CONNECTION LIMIT 0", "ALTER ROLE {role} CONNECTION LIMIT -1",
            false },
        { "55000 closed", "ALTER DATABASE {db} ALLOW_CONNECTIONS false", "ALTER DATABASE {db} ALLOW_CONNECTIONS true",
            false },
        { "3D000 renamed", "ALTER DATABASE {db} RENAME TO {db}_away", "ALTER DATABASE {db}_away RENAME TO {db}",
            false },
    };

    [Theory]
    [MemberData(nameof(States))]
    public async Task Master_InEachUnavailableState_Returns503UntilItPasses(
        string state, string begin, string end, bool reads)
    {
        // A role of its own, so that what is done to it concerns nobody else.
        var master = await server.CreateMasterAsync(null, Cancellation);
        var role = $"portal_{Guid.NewGuid().ToString("n")[..12]}";
        var superuser = server.SuperuserUrl("postgres");
        await PostgresServer.ExecuteAsync(superuser,
            $"CREATE ROLE {role} LOGIN CREATEDB CREATEROLE PASSWORD 'tres-tigres' IN ROLE {PostgresServer.PortalRole}, "
            + $"pg_signal_backend; GRANT CONNECT ON DATABASE {master.Database} TO {role}",
            Cancellation);
        master = master.WithUser(role, "tres-tigres");
        await using var portal = Start(master);
        await portal.WaitUntilReadyAsync(Cancellation);
        var token = await TokenAsync(portal);
        using var api = new ApiCalls(portal.Address, token);
        var id = (await api.PostAsync("clientes", ClientesTests.New("estado", c => c["provision"] = false))).Expect(201)
            .GetProperty("cliente").GetProperty("id").GetInt32();
        string Fill(string sql) => sql.Replace("{db}", master.Database, StringComparison.Ordinal)
            .Replace("{role}", role, StringComparison.Ordinal)
            .Replace("{password}", "tres-tigres", StringComparison.Ordinal);

        var correction = new { ruc = Rucs.Next(77_001), reason = "Estaba mal escrito" };
        await SetAsync(superuser, master.Database, Fill(begin));

        (await api.PostAsync($"clientes/{id}/ruc", correction, ("Idempotency-Key", "k")))
            .ExpectProblem(503, "unavailable");
        (await api.PatchAsync($"clientes/{id}", new { razon_social = "Otra" })).ExpectProblem(503, "unavailable");
        (await api.PostAsync("clientes", ClientesTests.New("otro"))).ExpectProblem(503, "unavailable");
        Assert.Equal(reads ? 200 : 503, (await api.GetAsync("clientes")).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(api, "/health/ready"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(api, "/health/live"));
        if (!reads)
        {
            // A person's browser, and a script.
            var page = $"/cuenta/invitacion?token={new string('a', 64)}";
            Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(api, page, "text/html"));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(api, page));
        }

        Assert.DoesNotContain("API failed", portal.Output, StringComparison.Ordinal);
        await SetAsync(superuser, master.Database, Fill(end));
        await Eventually.HoldsAsync($"after {state} the portal is ready again", async () =>
            await StatusAsync(api, "/health/ready") == HttpStatusCode.OK, Cancellation);
        (await api.PostAsync($"clientes/{id}/ruc", correction, ("Idempotency-Key", "k"))).Expect(200);
        await portal.KillAsync(Cancellation);
        await PostgresServer.ExecuteAsync(superuser,
            $"ALTER DATABASE {master.Database} OWNER TO {PostgresServer.PortalRole}", Cancellation);
        await server.DropDatabaseAsync(master.Database, Cancellation);
        await PostgresServer.ExecuteAsync(superuser, $"DROP ROLE {role}", Cancellation);
    }

    private static async Task SetAsync(PostgresUrl superuser, string database, string sql)
    {
        // Renaming needs a database without sessions, and the others end them too.
        foreach (var statement in sql.Split(';'))
        {
            await Eventually.HoldsAsync(statement, async () =>
            {
                await PostgresServer.ExecuteAsync(superuser,
                    $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'",
                    Cancellation);
                try
                {
                    await PostgresServer.ExecuteAsync(superuser, statement, Cancellation);
                    return true;
                }
                catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ObjectInUse)
                {
                    return false;
                }
            }, Cancellation);
        }

        await PostgresServer.ExecuteAsync(superuser,
            $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'", Cancellation);
    }

    private static PortalProcess Start(PostgresUrl master) =>
        PortalProcess.Start([], new Dictionary<string, string>
        {
            ["MASTER_DATABASE_URL"] = master.ToTextWithPassword(), ["SAAS_BASE_DOMAIN"] = "vigia.test",
            ["SECRET_KEY"] = CoreHost.Secret, ["VIGIA_ROLES"] = "staff",
            ["PORTAL_ADMIN_EMAIL"] = PortalHost.AdministratorEmail,
            ["PORTAL_ADMIN_PASSWORD"] = PortalHost.AdministratorPassword,
            ["Staff__RequireSecondFactor"] = "None",
        });

    private static async Task<string> TokenAsync(PortalProcess portal)
    {
        using var api = new ApiCalls(portal.Address, null);
        return (await api.PostAsync("auth/token", new
        {
            email = PortalHost.AdministratorEmail, password = PortalHost.AdministratorPassword,
        })).Expect(200).GetProperty("access_token").GetString()!;
    }

    private static async Task<HttpStatusCode> StatusAsync(ApiCalls api, string path, string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null)
        {
            request.Headers.Add("Accept", accept);
        }

        using var answer = await api.Http.SendAsync(request, Cancellation);
        return answer.StatusCode;
    }
}
