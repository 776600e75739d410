using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Api;

/// <summary>A program reads how to reach a tenant's database. A person can't.</summary>
public sealed class ConexionTests(ConexionTests.Few host) : IClassFixture<ConexionTests.Few>
{
    /// <summary>A portal that lets an account read few connections in a minute.</summary>
    public sealed class Few(PostgresServer server) : ApiHost(server)
    {
        public const int Most = 6;

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("Api:ConnectionsPerMinutePerAccount", $"{Most}");
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_ServiceAccount_OpensTheTenantsDatabaseAndIsRecorded()
    {
        var name = PortalTenants.NewName("conexion");
        var id = await host.ReadyTenantAsync(name, TenantEnvironments.Production);
        using var program = await host.AsServiceAccountAsync([ServiceRights.TenantsConnectionRead]);

        var answer = await program.GetAsync($"clientes/{id}/conexion");

        var found = answer.Expect(200);
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        Assert.Null(answer.Headers.ETag);
        Assert.Equal(5, found.EnumerateObject().Count());
        await using var session = await PostgresSessions.OpenAsync(new NpgsqlConnectionStringBuilder
        {
            Host = found.GetProperty("host").GetString(), Port = found.GetProperty("port").GetInt32(),
            Database = found.GetProperty("database").GetString(), Username = found.GetProperty("user").GetString(),
            Password = found.GetProperty("password").GetString(),
        }, Cancellation);
        await using var command = new NpgsqlCommand("SELECT count(*) FROM users", session);
        Assert.Equal(1L, await command.ExecuteScalarAsync(Cancellation));
        await host.InMasterAsync(async db =>
        {
            var record = await db.Set<AuditEvent>().SingleAsync(
                e => e.Action == "tenant.connection_read" && e.TenantId == id, Cancellation);
            Assert.StartsWith("servicio:prueba-", record.ActorName, StringComparison.Ordinal);
            Assert.StartsWith("vga_", record.Via, StringComparison.Ordinal);
            Assert.DoesNotContain(
                found.GetProperty("password").GetString()!, record.Body, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Get_NotPossible_SaysWhy()
    {
        var name = PortalTenants.NewName("cerrado");
        var id = await host.ReadyTenantAsync(name, TenantEnvironments.Demo);
        using var api = await host.AsAdministratorAsync();
        using var program = await host.AsServiceAccountAsync([ServiceRights.TenantsConnectionRead]);
        using var other = await host.AsServiceAccountAsync([Rights.TenantsView]);
        using var limited = await host.AsServiceAccountAsync(
            [ServiceRights.TenantsConnectionRead], wanted => wanted with { TenantIds = [id] });
        using var away = await host.AsServiceAccountAsync(
            [ServiceRights.TenantsConnectionRead], wanted => wanted with { Networks = ["10.20.0.0/16"] });
        var registered = (await api.PostAsync("clientes",
            ClientesTests.New(PortalTenants.NewName("anotado"), c => c["provision"] = false))).Expect(201)
            .GetProperty("cliente").GetProperty("id").GetInt32();

        (await api.GetAsync($"clientes/{id}/conexion")).ExpectProblem(403, "forbidden");
        (await other.GetAsync($"clientes/{id}/conexion")).ExpectProblem(403, "forbidden");
        (await away.GetAsync($"clientes/{id}/conexion")).ExpectProblem(401, "not_authenticated");
        (await program.GetAsync("clientes/987654/conexion")).ExpectProblem(404, "tenant_unknown");
        (await limited.GetAsync($"clientes/{registered}/conexion")).ExpectProblem(404, "tenant_unknown");
        (await program.GetAsync($"clientes/{registered}/conexion")).ExpectProblem(409, "not_ready");
        (await limited.GetAsync($"clientes/{id}/conexion")).Expect(200);

        (await api.PostAsync($"clientes/{id}/toggle", new { is_active = false, reason = "prueba" })).Expect(200);
        (await program.GetAsync($"clientes/{id}/conexion")).ExpectProblem(403, "connection_inactive");
        (await program.GetAsync($"clientes/{id}/conexion")).ExpectProblem(403, "connection_inactive");

        // Once an hour, and the reason is a code with words, no text that somebody typed.
        await host.InMasterAsync(async db =>
        {
            var record = Assert.Single(await db.Set<AuditEvent>().Where(
                e => e.Action == "tenant.connection_refused"
                    && EF.Functions.JsonContains(e.After!, "{\"why\": \"connection_inactive\"}"))
                .ToListAsync(Cancellation));
            Assert.Null(record.Reason);
            Assert.Contains($"\"first_tenant_id\": {id}", record.After, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Get_TooOften_WaitsForAllTokensOfTheAccount()
    {
        var account = await host.ServiceAccountAsync([ServiceRights.TenantsConnectionRead]);
        using var program = new ApiCalls(host.Address, account.Token);
        for (var read = 0; read < Few.Most; read++)
        {
            Assert.Equal(404, (await program.GetAsync("clientes/987654/conexion")).Status);
        }

        using var api = await host.AsAdministratorAsync();
        var second = (await api.PatchAsync($"service_accounts/{account.AccountId}", new
        {
            token_ends_on = DateOnly.FromDateTime(DateTime.UtcNow.AddDays(5)),
            password = PortalHost.AdministratorPassword,
        })).Expect(200).GetProperty("token").GetString();
        using var again = new ApiCalls(host.Address, second);

        var refused = await again.GetAsync("clientes/987654/conexion");

        refused.ExpectProblem(429, "too_many_requests");
        Assert.NotNull(refused.Headers.RetryAfter);
    }

    [Fact]
    public async Task ServiceAccounts_OverTheApi_AreMadeChangedAndEnded()
    {
        using var api = await host.AsAdministratorAsync();
        var wanted = await WantedAsync();

        var made = (await api.PostAsync("service_accounts", wanted)).Expect(201);
        (await api.PostAsync("service_accounts", wanted)).ExpectProblem(422, "invalid_input");
        (await api.PostAsync("service_accounts", new Dictionary<string, object?>(wanted)
        {
            ["name"] = "otra-mas", ["password"] = "no-es-esta",
        })).ExpectProblem(403, "password_wrong");

        var path = $"service_accounts/{made.GetProperty("account").GetProperty("id").GetString()}";
        using var program = new ApiCalls(host.Address, made.GetProperty("token").GetString());
        (await program.GetAsync("clientes")).Expect(200);
        (await program.GetAsync("audit")).ExpectProblem(403, "forbidden");
        (await program.GetAsync("service_accounts")).ExpectProblem(403, "forbidden");
        var changed = (await api.PatchAsync(path, new
        {
            rights = new[] { Rights.AuditView, Rights.TenantsView }, password = PortalHost.AdministratorPassword,
        })).Expect(200);
        Assert.Equal(["127.0.0.1/32"],
            changed.GetProperty("account").GetProperty("networks").EnumerateArray().Select(n => n.GetString()));
        (await program.GetAsync("audit")).Expect(200);
        (await api.PatchAsync(path, new { end = true, purpose = "Otra" })).ExpectProblem(422, "invalid_input");
        (await api.PatchAsync(path, new { purpose = "Otra" })).ExpectProblem(403, "password_wrong");
        var listed = (await api.GetAsync("service_accounts?page_size=200")).Expect(200);
        Assert.Contains(listed.GetProperty("items").EnumerateArray(),
            item => item.GetProperty("state").GetString() == "works");
        (await api.PatchAsync(path, new { end = true })).Expect(200);
        (await program.GetAsync("clientes")).ExpectProblem(401, "not_authenticated");
        (await api.PatchAsync("service_accounts/0197a3a0-0000-7000-8000-000000000000", new { end = true }))
            .ExpectProblem(404, "service_account_unknown");
    }

    // From the COMMIT of each change on, the accounts can't be read any more.
    [Fact]
    public async Task ServiceAccounts_NothingCanBeReadAfterTheCommit_AnswersWithTheTokenAndTheAccount()
    {
        using var api = await host.AsAdministratorAsync();

        var made = await BlindAsync(async () => await api.PostAsync("service_accounts", await WantedAsync()), 201);
        var path = $"service_accounts/{made.GetProperty("account").GetProperty("id").GetString()}";
        var password = PortalHost.AdministratorPassword;
        using var program = new ApiCalls(host.Address, made.GetProperty("token").GetString());
        (await program.GetAsync("clientes")).Expect(200);
        var changed = await BlindAsync(() => api.PatchAsync(path, new { purpose = "Otra", password }));
        Assert.Equal("Otra", changed.GetProperty("account").GetProperty("purpose").GetString());
        var issued = await BlindAsync(() => api.PatchAsync(path, new
        {
            token_ends_on = DateOnly.FromDateTime(DateTime.UtcNow.AddDays(5)), password,
        }));
        using var second = new ApiCalls(host.Address, issued.GetProperty("token").GetString());
        (await second.GetAsync("clientes")).Expect(200);
        var first = made.GetProperty("account").GetProperty("tokens")[0].GetProperty("id").GetGuid();
        await BlindAsync(() => api.PatchAsync(path, new { revoke_token_id = first }));
        (await program.GetAsync("clientes")).ExpectProblem(401, "not_authenticated");
        var ended = await BlindAsync(() => api.PatchAsync(path, new { end = true }));
        Assert.Equal("ended", ended.GetProperty("account").GetProperty("state").GetString());
    }

    [Fact]
    public async Task ServiceAccounts_SameKeyAgain_DoesItOnceAndTellsAllButTheToken()
    {
        using var api = await host.AsAdministratorAsync();
        var wanted = await WantedAsync();
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());

        var made = (await api.PostAsync("service_accounts", wanted, key)).Expect(201);
        var again = await api.PostAsync("service_accounts", wanted, key);

        var token = made.GetProperty("token").GetString()!;
        Assert.True(again.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, again.Expect(201).GetProperty("token").ValueKind);
        Assert.Equal($"{made.GetProperty("account")}", $"{again.Json.GetProperty("account")}");
        await LoseAnswersAsync();
        Assert.Equal(made.GetProperty("account").GetProperty("id").GetGuid(),
            (await api.PostAsync("service_accounts", wanted, key)).Expect(201)
                .GetProperty("account").GetProperty("id").GetGuid());

        var path = $"service_accounts/{made.GetProperty("account").GetProperty("id").GetString()}";
        var ending = ("Idempotency-Key", Guid.NewGuid().ToString());
        (await api.PatchAsync(path, new { end = true }, ending)).Expect(200);
        await LoseAnswersAsync();
        Assert.Equal("ended", (await api.PatchAsync(path, new { end = true }, ending)).Expect(200)
            .GetProperty("account").GetProperty("state").GetString());
        using var program = new ApiCalls(host.Address, token);
        (await program.GetAsync("clientes")).ExpectProblem(401, "not_authenticated");
    }

    private async Task<Dictionary<string, object?>> WantedAsync()
    {
        await host.TokenAsync(StaffRoles.Operator);
        Guid[] owners = [(await host.AdministratorAsync()).StaffId!.Value, host.StaffOf(StaffRoles.Operator)];
        return new Dictionary<string, object?>
        {
            ["name"] = $"api-{Guid.NewGuid().ToString("n")[..10]}", ["purpose"] = "Prueba", ["owner_ids"] = owners,
            ["rights"] = new[] { Rights.TenantsView }, ["networks"] = new[] { "127.0.0.1" },
            ["ends_on"] = DateOnly.FromDateTime(DateTime.UtcNow.AddDays(20)),
            ["password"] = PortalHost.AdministratorPassword,
        };
    }

    private Task LoseAnswersAsync() => PostgresServer.ExecuteAsync(
        host.Postgres.SuperuserUrl(host.Master.Database),
        "UPDATE portal.idempotent_requests SET status = NULL, protected_answer = NULL", Cancellation);

    // Renames a column that every read of the accounts needs, in the transaction of the change and at its end.
    private async Task<System.Text.Json.JsonElement> BlindAsync(Func<Task<ApiAnswer>> call, int status = 200)
    {
        var master = host.Postgres.SuperuserUrl(host.Master.Database);
        await PostgresServer.ExecuteAsync(master, """
            CREATE FUNCTION public.test_blind() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
            BEGIN
                ALTER TABLE portal.service_accounts RENAME COLUMN purpose TO purpose_elsewhere;
                RETURN NULL;
            END $$;
            CREATE CONSTRAINT TRIGGER test_blind AFTER INSERT ON portal.audit_events DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW WHEN (NEW.action LIKE 'service_account.%') EXECUTE FUNCTION public.test_blind()
            """, Cancellation);
        try
        {
            return (await call()).Expect(status);
        }
        finally
        {
            await PostgresServer.ExecuteAsync(master, """
                DROP TRIGGER test_blind ON portal.audit_events;
                DROP FUNCTION public.test_blind();
                ALTER TABLE portal.service_accounts RENAME COLUMN purpose_elsewhere TO purpose
                """, Cancellation);
        }
    }
}
