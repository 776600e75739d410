using System.Text;
using System.Text.Json;
using Npgsql;
using Vigia.Tests.Api;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Faults;

/// <summary>
/// The portal is killed after it has done what a request with an <c>Idempotency-Key</c> asked for, and before it has
/// stored the answer. The repeated request finds it done.
/// </summary>
public sealed class KilledRequestTests(PostgresServer server)
{
    // Held by the test: what stores an answer waits for it.
    private const long Lock = 7_701;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Request_RepeatedAfterAKill_IsAnsweredAndNotDoneAgain()
    {
        var master = await server.CreateMasterAsync(null, Cancellation);
        await using var mail = MailServer.Start();
        await using var first = Start(master, mail);
        await first.WaitUntilReadyAsync(Cancellation);
        var token = await TokenAsync(first);
        using var api = new ApiCalls(first.Address, token);
        var name = PortalTenants.NewName("conocido");
        var known = (await api.PostAsync("clientes", ClientesTests.New(name))).Expect(202).GetProperty("cliente")
            .GetProperty("id").GetInt32();
        await Eventually.HoldsAsync("it is ready", async () =>
            (await api.GetAsync($"clientes/{known}")).Expect(200).GetProperty("state").GetString() == "ready",
            Cancellation);
        await PostgresServer.ExecuteAsync(server.SuperuserUrl(master.Database),
            $"""
            CREATE FUNCTION public.wait_for_test() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_advisory_xact_lock({Lock}); RETURN NEW; END $$;
            CREATE TRIGGER wait_for_test BEFORE UPDATE OF status ON portal.idempotent_requests
                FOR EACH ROW EXECUTE FUNCTION public.wait_for_test()
            """, Cancellation);
        await using var holder = await PostgresServer.OpenAsync(server.SuperuserUrl(master.Database), Cancellation);
        await RunAsync(holder, $"SELECT pg_advisory_lock({Lock})");
        var flip = new { reason = "No pagó" };
        var (registration, toggle) = (New("nuevo"), $"clientes/{known}/toggle");
        var (invitation, nobody) = ($"clientes/{known}/invitation", new { });

        var invited = SendAsync(first, token, invitation, nobody, "tres", "en");
        await Eventually.HoldsAsync("the invitation is committed", async () => await RunAsync(
            holder, "SELECT count(*) FROM portal.idempotent_requests WHERE effect IS NOT NULL") is 1L, Cancellation);
        var sent = new[] { invited, SendAsync(first, token, "clientes", registration, "uno", "en"),
            SendAsync(first, token, toggle, flip, "dos", "en") };
        await Eventually.HoldsAsync("all are committed", async () => await RunAsync(
            holder, "SELECT count(*) FROM portal.idempotent_requests WHERE effect IS NOT NULL") is 3L, Cancellation);
        await first.KillAsync(Cancellation);
        foreach (var lost in sent)
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => lost);
        }

        // The killed process's sessions would finish their statement.
        await RunAsync(holder, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'advisory'");
        await RunAsync(holder, "DROP TRIGGER wait_for_test ON portal.idempotent_requests");

        await using var second = Start(master, mail);
        await second.WaitUntilReadyAsync(Cancellation);
        using var registered = await SendAsync(second, token, "clientes", registration, "uno", "es");
        using var toggled = await SendAsync(second, token, toggle, flip, "dos", "es");
        using var invitedAgain = await SendAsync(second, token, invitation, nobody, "tres", "es");

        Assert.Equal((201, 200, 201),
            ((int)registered.StatusCode, (int)toggled.StatusCode, (int)invitedAgain.StatusCode));
        Assert.Equal(["true", "true", "true"], new[] { registered, toggled, invitedAgain }.SelectMany(
            answer => answer.Headers.GetValues("Idempotency-Replayed")));
        Assert.Equal($"admin@{name}.pe", (await JsonAsync(invitedAgain)).GetProperty("sent_to").GetString());
        Assert.Equal(1L, await RunAsync(holder, "SELECT count(*) FROM portal.tenant_invitations"));
        Assert.Equal(["en", "en", "en"], new[] { registered, toggled, invitedAgain }.SelectMany(
            answer => answer.Content.Headers.ContentLanguage).Select(language => language[..2]));
        Assert.Equal("Cliente nuevo", Text(await JsonAsync(registered), "cliente", "razon_social"));
        Assert.False((await JsonAsync(toggled)).GetProperty("is_active").GetBoolean());
        Assert.Equal(1L, await RunAsync(
            holder, "SELECT count(*) FROM portal.audit_events WHERE action = 'tenant.suspended'"));

        // And again, now from the stored answer.
        using var again = await SendAsync(second, token, "clientes", registration, "uno", "es");
        Assert.Equal(await registered.Content.ReadAsStringAsync(Cancellation),
            await again.Content.ReadAsStringAsync(Cancellation));
        await second.KillAsync(Cancellation);
        await holder.CloseAsync();
        await server.DropDatabaseAsync($"vigia_{name}", Cancellation);
        await server.DropDatabaseAsync(master.Database, Cancellation);
    }

    private static PortalProcess Start(Core.Foundation.Configuration.PostgresUrl master, MailServer mail) =>
        PortalProcess.Start([], new Dictionary<string, string>
        {
            ["MASTER_DATABASE_URL"] = master.ToTextWithPassword(), ["SAAS_BASE_DOMAIN"] = "vigia.test",
            ["SECRET_KEY"] = CoreHost.Secret, ["VIGIA_ROLES"] = "staff,worker",
            ["PORTAL_ADMIN_EMAIL"] = PortalHost.AdministratorEmail,
            ["PORTAL_ADMIN_PASSWORD"] = PortalHost.AdministratorPassword,
            ["Staff__RequireSecondFactor"] = "None",
            ["Mail__Host"] = "127.0.0.1", ["Mail__Port"] = $"{mail.Port}", ["Mail__Security"] = "None",
            ["Mail__From"] = "vigia@vigia.example",
        });

    private static async Task<string> TokenAsync(PortalProcess portal)
    {
        using var api = new ApiCalls(portal.Address, null);
        return (await api.PostAsync("auth/token", new
        {
            email = PortalHost.AdministratorEmail, password = PortalHost.AdministratorPassword,
        })).Expect(200).GetProperty("access_token").GetString()!;
    }

    private static Dictionary<string, object?> New(string name) =>
        ClientesTests.New(name, c => c["provision"] = false);

    private static async Task<HttpResponseMessage> SendAsync(
        PortalProcess portal, string token, string path, object body, string key, string language)
    {
        using var api = new ApiCalls(portal.Address, token);
        using var request = new HttpRequestMessage(HttpMethod.Post, ApiCalls.Root + path)
        {
            Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Idempotency-Key", key);
        request.Headers.Add("Accept-Language", language);
        return await api.Http.SendAsync(request, Cancellation);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) =>
        JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancellation));

    private static string? Text(JsonElement json, string one, string two) =>
        json.GetProperty(one).GetProperty(two).GetString();

    private static async Task<object?> RunAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        return await command.ExecuteScalarAsync(Cancellation);
    }
}
