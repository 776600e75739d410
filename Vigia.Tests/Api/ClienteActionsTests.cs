using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Tokens;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Api;

/// <summary>The actions on one tenant over HTTP: toggle, provision, invite, withdraw, delete, restore.</summary>
public sealed class ClienteActionsTests(ApiHost host) : IClassFixture<ApiHost>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Toggle_GivenOrLeftOut_SuspendsAndReactivates()
    {
        using var api = await host.AsAdministratorAsync();
        var id = await host.ReadyTenantAsync(PortalTenants.NewName("api"));

        (await api.PostAsync($"clientes/{id}/toggle", new { is_active = false })).ExpectProblem(422, "invalid_input");
        var suspended = (await api.PostAsync(
            $"clientes/{id}/toggle", new { is_active = false, reason = "No pagó", reason_code = "falta_de_pago" }))
            .Expect(200);
        Assert.Equal("suspended", suspended.GetProperty("inactive_kind").GetString());
        Assert.Equal("suspended",
            (await api.PostAsync($"clientes/{id}/toggle", new { is_active = false, reason = "Otra vez" })).Expect(200)
            .GetProperty("status").GetString());
        Assert.Equal(1, Total(await api.GetAsync($"audit?tenant_id={id}&action=tenant.suspended")));
        (await api.PostAsync($"clientes/{id}/toggle", "{\"is_active\":null}")).ExpectProblem(422, "invalid_input");
        Assert.True((await api.PostAsync($"clientes/{id}/toggle")).Expect(200).GetProperty("is_active").GetBoolean());
        Assert.False((await api.PostAsync($"clientes/{id}/toggle", new { reason = "Seguridad" })).Expect(200)
            .GetProperty("is_active").GetBoolean());
        (await api.PostAsync("clientes/987654/toggle", new { is_active = true })).ExpectProblem(404, "tenant_unknown");
    }

    /// <summary>The product and psql write to the registry too: what no caller of the API could write.</summary>
    [Fact]
    public async Task Row_ThatBreaksTheRules_CanBeListedAndChangedAlsoInTheTrash()
    {
        using var api = await host.AsAdministratorAsync();
        var name = PortalTenants.NewName("hondo");
        var id = await host.ReadyTenantAsync(name, "demo");
        await PostgresServer.ExecuteAsync(
            host.Master, $$"""
            UPDATE clientes_saas
            SET config = ('{"a":' || repeat('[', 2000) || '"<ñ>"' || repeat(']', 2000) || '}')::jsonb,
                created_at = '20000-01-01', expires_at = 'infinity' WHERE id = {{id}}
            """, Cancellation);

        Assert.Contains(name, Deep(await api.GetAsync($"clientes?q={name}")), StringComparison.Ordinal);
        Assert.Contains(
            "\"created_at\":\"9999-12-31", Deep(await api.GetAsync($"clientes/{id}")), StringComparison.Ordinal);
        var suspended = await api.PostAsync($"clientes/{id}/toggle", new { is_active = false, reason = "prueba" });
        Assert.Contains("\"suspended\"", Deep(suspended), StringComparison.Ordinal);
        var activated = await api.PostAsync($"clientes/{id}/toggle", new { is_active = true }, NewKey());
        Assert.Contains("\"is_active\":true", Deep(activated), StringComparison.Ordinal);
        var changed = await api.PatchAsync($"clientes/{id}", new { contacto_nombre = "Rosa" });
        Assert.Contains("\"Rosa\"", Deep(changed), StringComparison.Ordinal);

        await ReachAsync(await api.DeleteAsync(
            $"clientes/{id}?hard=true",
            new { confirm = name, reason = "prueba", password = PortalHost.AdministratorPassword }));
        var trashed = Deep(await api.GetAsync($"clientes?state=trashed&q={name}"));
        Assert.Contains("\"expires_at\":\"9999-12-31", trashed, StringComparison.Ordinal);
        Assert.Contains("\"trashed\"", Deep(await api.GetAsync($"clientes/{id}")), StringComparison.Ordinal);
        await ReachAsync(await api.PostAsync($"clientes/{id}/restore"));
        Deep(await api.GetAsync($"clientes/{id}"));

        Task ReachAsync(ApiAnswer accepted)
        {
            Assert.Equal(202, accepted.Status);
            return host.ReachAsync(Guid.Parse(accepted.Location!.Split('/')[^1]), OperationState.Succeeded);
        }

        static string Deep(ApiAnswer answer)
        {
            Assert.True(answer.Status == 200, $"{answer.Status}: {answer.Text[..Math.Min(answer.Text.Length, 300)]}");
            Assert.Contains("[[[[\"\\u003Cñ\\u003E\"]]]]", answer.Text, StringComparison.Ordinal);
            return answer.Text;
        }
    }

    /// <summary>A committed call is answered with success, although its answer can't be built.</summary>
    [Fact]
    public async Task Toggle_CommittedButItsAnswerFails_IsNoError()
    {
        using var api = await host.AsAdministratorAsync();
        var name = PortalTenants.NewName("roto");
        var id = await host.ReadyTenantAsync(name);
        var address = $"/api/v1/admin/clientes/{id}";

        // After the record of the change, the answer reads a word from the database that no build knows.
        var master = host.Postgres.SuperuserUrl(host.Master.Database);
        await PostgresServer.ExecuteAsync(master, $$"""
            CREATE FUNCTION public.test_spoil() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN
                UPDATE portal.observed_databases SET refusal = 'no such word' WHERE name = 'vigia_{{name}}';
                RETURN NULL; END $f$;
            CREATE TRIGGER test_spoil AFTER INSERT ON portal.audit_events FOR EACH ROW WHEN (NEW.tenant_id = {{id}})
                EXECUTE FUNCTION public.test_spoil();
            """, Cancellation);
        try
        {
            await DoneAsync("tenant.suspended", address,
                () => api.PostAsync($"clientes/{id}/toggle", new { is_active = false, reason = "uno" }));
            var key = NewKey();
            await DoneAsync("tenant.activated", address,
                () => api.PostAsync($"clientes/{id}/toggle", new { is_active = true }, key));

            // It was mended, so the answer that was lost can be built.
            Assert.True((await api.PostAsync($"clientes/{id}/toggle", new { is_active = true }, key)).Expect(200)
                .GetProperty("is_active").GetBoolean());
            await DoneAsync("tenant.updated", address,
                () => api.PatchAsync($"clientes/{id}", new { contacto_nombre = "Rosa" }));
            await DoneAsync("isolation.proof_requested", "/api/v1/admin/operations/",
                () => api.PostAsync($"clientes/{id}/isolation-proof"));
            await DoneAsync("tenant.withdrawn", address,
                () => api.DeleteAsync($"clientes/{id}", new { reason = "dos" }));
        }
        finally
        {
            await PostgresServer.ExecuteAsync(
                master, "DROP FUNCTION public.test_spoil() CASCADE", CancellationToken.None);
            await MendAsync();
        }

        async Task DoneAsync(string action, string location, Func<Task<ApiAnswer>> call)
        {
            await MendAsync();
            var answer = await call();
            Assert.True(answer.Status == 204 && answer.Text == "", $"{action}: {answer.Status} {answer.Text}");
            Assert.StartsWith(location, answer.Location, StringComparison.Ordinal);
            await MendAsync();
            Assert.Equal(1, Total(await api.GetAsync($"audit?tenant_id={id}&action={action}")));
        }

        Task MendAsync() => PostgresServer.ExecuteAsync(
            master, $"UPDATE portal.observed_databases SET refusal = NULL WHERE name = 'vigia_{name}'", Cancellation);
    }

    /// <summary>One tenant that the portal may not look into takes nobody's list down, and can be suspended.</summary>
    [Fact]
    public async Task Cliente_WhoseDatabaseRefusesThePortal_HasARemedyAndCanBeSuspended()
    {
        using var api = await host.AsAdministratorAsync();
        var name = PortalTenants.NewName("cerrado");
        var id = await host.ReadyTenantAsync(name);
        var superuser = host.Postgres.SuperuserUrl("postgres");
        await PostgresServer.ExecuteAsync(
            superuser, $"REVOKE CONNECT ON DATABASE \"vigia_{name}\" FROM PUBLIC, {host.Master.Username}",
            Cancellation);
        var observer = host.Services.GetRequiredService<DatabaseObserver>();
        await observer.ObserveAsync(1, $"vigia_{name}", Cancellation);

        var listed = (await api.GetAsync($"clientes?q={name}")).Expect(200).GetProperty("items")[0];
        Assert.Equal("unreachable", listed.GetProperty("status").GetString());
        var refusal = listed.GetProperty("database_refusal");
        Assert.Equal("portal_refused", refusal.GetProperty("code").GetString());
        Assert.Equal(refusal.GetRawText(), (await api.GetAsync($"clientes/{id}")).Expect(200)
            .GetProperty("database_refusal").GetRawText());
        Assert.Equal(1, Total(await api.GetAsync($"clientes?state=unreachable&q={name}")));
        var suspended = await api.PostAsync($"clientes/{id}/toggle", new { is_active = false, reason = "No pagó" });
        Assert.Equal("suspended", suspended.Expect(200).GetProperty("status").GetString());
        (await api.PostAsync($"clientes/{id}/toggle", new { is_active = true }, NewKey())).Expect(200);

        await PostgresServer.ExecuteAsync(superuser, refusal.GetProperty("remedy").GetString()!, Cancellation);
        await observer.ObserveAsync(1, $"vigia_{name}", Cancellation);
        var mended = (await api.GetAsync($"clientes/{id}")).Expect(200);
        Assert.Equal(("active", JsonValueKind.Null),
            (mended.GetProperty("status").GetString(), mended.GetProperty("database_refusal").ValueKind));
    }

    [Fact]
    public async Task Toggle_RegisteredTenant_ProvisionsIt()
    {
        using var api = await host.AsAdministratorAsync();
        var (id, _) = await host.RegisterAsync(PortalTenants.NewName("api"), provision: false);

        var accepted = (await api.PostAsync($"clientes/{id}/toggle", new { is_active = true }));

        await host.ReachAsync(
            accepted.Expect(202).GetProperty("operation").GetProperty("id").GetGuid(), OperationState.Succeeded);
        Assert.True((await api.GetAsync($"clientes/{id}")).Expect(200).GetProperty("is_active").GetBoolean());
    }

    [Fact]
    public async Task Entorno_OfATenantWithADatabase_ChangesByConversionOnly()
    {
        using var api = await host.AsAdministratorAsync();
        var name = PortalTenants.NewName("api");
        var production = await host.ReadyTenantAsync(name);
        (await api.PatchAsync($"clientes/{production}", new { entorno = "demo" }))
            .ExpectProblem(409, "production_is_final");
        (await api.DeleteAsync(
            $"clientes/{production}?hard=true",
            new
            {
                confirm = name, reason = "Un error", password = PortalHost.AdministratorPassword,
                retention_days = 0
            }))
            .ExpectProblem(409, "retention_too_short");
        (await api.PostAsync($"clientes/{production}/conversion")).ExpectProblem(409, "already_production");

        var demo = await host.ReadyTenantAsync(PortalTenants.NewName("api"), "demo");
        (await api.PatchAsync($"clientes/{demo}", new { entorno = "produccion" })).ExpectProblem(409, "use_conversion");
        (await api.PostAsync($"clientes/{demo}/conversion", new { expires_at = "2020-01-01T00:00:00Z" }))
            .ExpectProblem(422, "invalid_input");
        var preview = (await api.PostAsync($"clientes/{demo}/conversion", new { plan = "profesional", preview = true }))
            .Expect(200);
        Assert.Equal("profesional produccion", $"{preview.GetProperty("plan")} {preview.GetProperty("entorno")}");
        Assert.Equal("demo", (await api.GetAsync($"clientes/{demo}")).Expect(200).GetProperty("entorno").GetString());

        var accepted = (await api.PostAsync(
            $"clientes/{demo}/conversion", new { plan = "profesional", remove_demo_data = true })).Expect(202);
        await host.ReachAsync(accepted.GetProperty("operation").GetProperty("id").GetGuid(), OperationState.Succeeded);
        Assert.Equal("produccion",
            (await api.GetAsync($"clientes/{demo}")).Expect(200).GetProperty("entorno").GetString());
        (await api.PostAsync($"clientes/{demo}/conversion")).ExpectProblem(409, "already_production");
        (await api.PostAsync("clientes/987654/conversion")).ExpectProblem(404, "tenant_unknown");
    }

    [Fact]
    public async Task Reclaim_DatabaseWithoutItsMarker_IsManagedAgain()
    {
        using var api = await host.AsAdministratorAsync();
        var name = PortalTenants.NewName("api");
        var id = await host.ReadyTenantAsync(name);
        (await api.PostAsync($"clientes/{id}/reclaim", new { reason = "restaurada" }))
            .ExpectProblem(409, "already_managed");
        await Infrastructure.PostgresServer.ExecuteAsync(
            host.Master, $"COMMENT ON DATABASE \"vigia_{name}\" IS NULL", TestContext.Current.CancellationToken);

        // Counting the content of the database detects the lost marker.
        Assert.Null(await host.Services.GetRequiredService<TenantContentCounter>()
            .CountAsync(id, TestContext.Current.CancellationToken));
        var lost = (await api.GetAsync($"clientes/{id}")).Expect(200);
        Assert.Equal(("unmanaged", "active", false, true),
            (lost.GetProperty("state").GetString(), lost.GetProperty("status").GetString(), lost.GetProperty("managed")
                .GetBoolean(), lost.GetProperty("is_active").GetBoolean()));
        (await api.PostAsync($"clientes/{id}/reclaim", new { reason = " " })).ExpectProblem(422, "invalid_input");

        var accepted = (await api.PostAsync($"clientes/{id}/reclaim", new { reason = "restaurada" })).Expect(202);
        await host.ReachAsync(accepted.GetProperty("operation").GetProperty("id").GetGuid(), OperationState.Succeeded);

        var back = (await api.GetAsync($"clientes/{id}")).Expect(200);
        Assert.Equal(("ready", "active", true),
            (back.GetProperty("state").GetString(), back.GetProperty("status").GetString(), back.GetProperty("managed")
                .GetBoolean()));
    }

    [Fact]
    public async Task Provision_Twice_IsRefusedTheSecondTime()
    {
        using var api = await host.AsAdministratorAsync();
        var (id, _) = await host.RegisterAsync(PortalTenants.NewName("api"), provision: false);

        var accepted = (await api.PostAsync($"clientes/{id}/provision")).Expect(202);
        await host.ReachAsync(accepted.GetProperty("operation").GetProperty("id").GetGuid(), OperationState.Succeeded);
        (await api.PostAsync($"clientes/{id}/provision")).ExpectProblem(409, "already_provisioned");
    }

    [Fact]
    public async Task Invitation_WithMail_IsMailedAndItsLinkNotReturned()
    {
        var id = await host.ReadyTenantAsync(PortalTenants.NewName("api"));
        using var administrator = await host.AsAdministratorAsync();
        using var support = await host.AsAsync(StaffRoles.Support);
        using var narrow = await host.WithRightsAsync(Rights.TenantsInvite);

        foreach (var api in new[] { administrator, support, narrow })
        {
            var before = host.Mail.Messages.Count;
            var answer = await api.PostAsync($"clientes/{id}/invitation", new { });
            var invitation = answer.Expect(201);
            Assert.Equal(["sent_to", "expires_at"], invitation.EnumerateObject().Select(p => p.Name));
            // Mail about a new token or sign-in may come in between.
            var token = "";
            await Eventually.HoldsAsync("the mail is there", () =>
            {
                token = host.Mail.Messages.Skip(before)
                    .Select(mail => Regex.Match(mail.TextBody!, "token=([0-9a-f]{64})").Groups[1].Value)
                    .LastOrDefault(found => found.Length > 0, "");
                return Task.FromResult(token.Length > 0);
            }, TestContext.Current.CancellationToken);
            Assert.DoesNotContain(token, answer.Text, StringComparison.Ordinal);
        }

        // A token can't have the right to see the invitation. Tokens that were created before this rule can't either.
        Assert.DoesNotContain(Rights.TenantsInvitationReveal, ApiTokens.Grantable);
        var byToken = await host.AdministratorAsync() with { Via = "API" };
        await using var scope = host.Scope();
        var refused = await Assert.ThrowsAsync<ForbiddenException>(
            () => scope.ServiceProvider.GetRequiredService<TenantInvitations>()
            .RevealAsync(byToken, id, new NewInvitation(Proof: PortalHost.AdministratorPassword),
                TestContext.Current.CancellationToken));
        Assert.Equal(Rights.TenantsInvitationReveal, refused.Right);
    }

    [Fact]
    public async Task Ruc_CorrectedWithAReason_Changes()
    {
        using var api = await host.AsAdministratorAsync();
        var name = PortalTenants.NewName("api");
        var body = ClientesTests.New(name, c => c["provision"] = false);
        var id = (await api.PostAsync("clientes", body)).Expect(201).GetProperty("cliente").GetProperty("id")
            .GetInt32();
        var other = ClientesTests.New(PortalTenants.NewName("api"), c => c["provision"] = false);
        (await api.PostAsync("clientes", other)).Expect(201);
        var right = (string)ClientesTests.New("x")["ruc"]!;

        (await api.PostAsync($"clientes/{id}/ruc", new { ruc = right })).ExpectProblem(422, "invalid_input");
        (await api.PostAsync($"clientes/{id}/ruc", new { ruc = "123", reason = "Mal escrito" }))
            .ExpectProblem(422, "invalid_input");
        Assert.Contains((string)other["razon_social"]!,
            (await api.PostAsync($"clientes/{id}/ruc", new { ruc = other["ruc"], reason = "Mal escrito" }))
            .ExpectProblem(409, "ruc_taken").GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(right, (await api.PostAsync($"clientes/{id}/ruc", new { ruc = right, reason = "Mal escrito" }))
            .Expect(200).GetProperty("ruc").GetString());
        (await api.PostAsync("clientes/987654/ruc", new { ruc = right, reason = "x" }))
            .ExpectProblem(404, "tenant_unknown");
    }

    [Fact]
    public async Task Export_WithAFilter_IsACsvFileOfTheMatchingTenants()
    {
        using var api = await host.AsAdministratorAsync();
        var name = PortalTenants.NewName("csv");
        await host.RegisterAsync(name, provision: false);

        var file = await api.GetAsync($"clientes/export?q={name}&state=registered");

        Assert.Equal((200, "text/csv"), (file.Status, file.ContentType));
        var lines = file.Text.TrimStart('\ufeff').Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("id,ruc,razon_social,subdominio,", lines[0], StringComparison.Ordinal);
        Assert.Contains($",{name},", Assert.Single(lines[1..]), StringComparison.Ordinal);
        (await api.GetAsync("clientes/export?state=trashed")).ExpectProblem(422, "invalid_input");
        (await api.GetAsync("clientes/export?page=2")).ExpectProblem(422, "invalid_input");
    }

    [Fact]
    public async Task Delete_Soft_WithdrawsAndKeeps()
    {
        using var api = await host.AsAdministratorAsync();
        var name = PortalTenants.NewName("api");
        var id = await host.ReadyTenantAsync(name);

        (await api.DeleteAsync($"clientes/{id}", new { })).ExpectProblem(422, "invalid_input");
        (await api.DeleteAsync($"clientes/{id}", null)).ExpectProblem(400, "body_required");
        var hardOnly = (await api.DeleteAsync($"clientes/{id}", new { reason = "Fin", confirm = name }))
            .ExpectProblem(422, "invalid_input");
        Assert.Equal("field_hard_only", hardOnly.GetProperty("error_codes").GetProperty("confirm")[0].GetString());
        Assert.Equal("withdrawn",
            (await api.DeleteAsync($"clientes/{id}", new { reason = "Fin de contrato" })).Expect(200)
            .GetProperty("inactive_kind").GetString());
        Assert.Equal(0, Total(await api.GetAsync($"clientes?q={name}")));
        Assert.Equal(1, Total(await api.GetAsync($"clientes?q={name}&state=withdrawn")));
    }

    [Fact]
    public async Task Delete_Hard_GoesToTheTrashAndComesBack()
    {
        using var api = await host.AsAdministratorAsync();
        var name = PortalTenants.NewName("api");
        var id = await host.ReadyTenantAsync(name);
        object Wanted(string? confirm = null, string? password = null, int? days = null) =>
            new
            {
                confirm = confirm ?? name, reason = "Fin de contrato",
                password = password ?? PortalHost.AdministratorPassword, retention_days = days
            };

        (await api.DeleteAsync($"clientes/{id}?hard=true", Wanted(confirm: "otro")))
            .ExpectProblem(422, "confirmation_wrong");
        (await api.DeleteAsync($"clientes/{id}?hard=true", Wanted(password: "no-es-la-suya")))
            .ExpectProblem(403, "password_wrong");
        (await api.DeleteAsync($"clientes/{id}?hard=true", Wanted(days: 0))).ExpectProblem(409, "retention_too_short");
        (await api.DeleteAsync($"clientes/{id}?hard=sure", Wanted())).ExpectProblem(422, "invalid_input");
        var accepted = await api.DeleteAsync($"clientes/{id}?hard=true", Wanted());
        await host.ReachAsync(
            accepted.Expect(202).GetProperty("operation").GetProperty("id").GetGuid(), OperationState.Succeeded);

        var trashed = (await api.GetAsync($"clientes/{id}")).Expect(200);
        Assert.Equal(("trashed", name),
            (trashed.GetProperty("status").GetString(), trashed.GetProperty("subdominio").GetString()));
        Assert.Equal($"admin@{name}.pe", trashed.GetProperty("correo_acceso").GetString());
        Assert.Equal(1, Total(await api.GetAsync($"clientes?state=trashed&q={name}")));
        Assert.Equal(0, Total(await api.GetAsync($"clientes?q={name}")));
        (await api.DeleteAsync($"clientes/{id}?hard=true", Wanted())).ExpectProblem(409, "retention_too_short");

        var restored = (await api.PostAsync($"clientes/{id}/restore", new { subdominio = name + "-2" })).Expect(202);
        await host.ReachAsync(restored.GetProperty("operation").GetProperty("id").GetGuid(), OperationState.Succeeded);
        Assert.Equal(name + "-2",
            (await api.GetAsync($"clientes/{id}")).Expect(200).GetProperty("subdominio").GetString());
        (await api.PostAsync($"clientes/{id}/restore")).ExpectProblem(409, "not_in_trash");
    }

    [Fact]
    public async Task Delete_HardInTheTrash_PurgesADemo()
    {
        using var api = await host.AsAdministratorAsync();
        var name = PortalTenants.NewName("api");
        var id = await host.TrashedTenantAsync(name, TenantEnvironments.Demo);

        var accepted = (await api.DeleteAsync(
            $"clientes/{id}?hard=true",
            new { confirm = name, reason = "Sobra", password = PortalHost.AdministratorPassword })).Expect(202);

        Assert.Equal("purge_tenant", accepted.GetProperty("operation").GetProperty("kind").GetString());
        await host.ReachAsync(accepted.GetProperty("operation").GetProperty("id").GetGuid(), OperationState.Succeeded);
        (await api.GetAsync($"clientes/{id}")).ExpectProblem(404, "tenant_unknown");
    }

    [Fact]
    public async Task Delete_HardWithATokenWithoutTheRight_IsForbidden()
    {
        var id = await host.ReadyTenantAsync(PortalTenants.NewName("api"));
        using var api = await host.WithRightsAsync(Rights.TenantsDeleteSoft, Rights.TenantsView);

        (await api.DeleteAsync(
            $"clientes/{id}?hard=true",
            new { confirm = "x", reason = "x", password = PortalHost.AdministratorPassword }))
            .ExpectProblem(403, "forbidden");
    }

    private static (string Name, string Value) NewKey() => ("Idempotency-Key", Guid.NewGuid().ToString());

    private static int Total(ApiAnswer answer) => answer.Expect(200).GetProperty("total").GetInt32();
}
