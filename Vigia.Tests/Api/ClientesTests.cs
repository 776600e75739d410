using System.Text.Json;
using Vigia.Core.Operations;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Api;

/// <summary>The registry over HTTP, call by call: status, structure, codes.</summary>
public sealed class ClientesTests(ApiHost host) : IClassFixture<ApiHost>
{
    private static int _ruc = 40_000;

    [Fact]
    public async Task Create_NewTenant_IsAcceptedAndItsOperationMakesItActive()
    {
        using var api = await host.AsAdministratorAsync();
        var name = PortalTenants.NewName("api");

        var created = await api.PostAsync("clientes", New(name));

        var json = created.Expect(202);
        var (cliente, operation) = (json.GetProperty("cliente"), json.GetProperty("operation"));
        Assert.Equal($"/api/v1/admin/operations/{operation.GetProperty("id").GetString()}", created.Location);
        Assert.Equal("provisioning", cliente.GetProperty("status").GetString());
        Assert.Equal($"vigia_{name}", cliente.GetProperty("db_name").GetString());
        Assert.Equal("provision_tenant", operation.GetProperty("kind").GetString());
        await host.ReachAsync(operation.GetProperty("id").GetGuid(), OperationState.Succeeded);

        // Usage is counted in the background.
        var one = await api.GetAsync($"clientes/{cliente.GetProperty("id").GetInt32()}");
        await Eventually.HoldsAsync("its content is counted", async () =>
        {
            one = await api.GetAsync($"clientes/{cliente.GetProperty("id").GetInt32()}");
            return one.Expect(200).GetProperty("usage").ValueKind == JsonValueKind.Object;
        }, TestContext.Current.CancellationToken);
        var now = one.Expect(200);
        Assert.NotNull(one.Headers.ETag);
        Assert.Equal("active", now.GetProperty("status").GetString());
        Assert.Equal($"https://{name}.vigia.example", now.GetProperty("url").GetString());
        Assert.Equal(1, now.GetProperty("usage").GetProperty("active_users").GetInt32());
        Assert.Equal("oscuro", now.GetProperty("config").GetProperty("tema").GetString());
        Assert.True(now.GetProperty("limits_applied").GetBoolean());
        Assert.Equal(
            ["adoption", "config", "contacto_nombre", "correo_acceso", "created_at", "database_refusal", "db_name",
                "entorno", "expires_at", "id", "inactive_kind", "inactive_reason", "inactive_reason_code",
                "inactive_since",
                "is_active", "is_demo", "is_unlimited", "limitar_emision", "limits_applied", "managed",
                "max_comprobantes", "max_establecimientos", "max_usuarios", "needs_correction", "plan", "razon_social",
                "ruc", "schema_version",
                "state", "status", "subdominio", "updated_at", "url", "usage"],
            now.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));

        var done = (await api.GetAsync($"operations/{operation.GetProperty("id").GetString()}")).Expect(200);
        Assert.Equal(
            ["created_at", "error", "finished_at", "id", "kind", "progress", "requested_by", "started_at", "state",
                "steps", "tenant_id", "trace_id"],
            done.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.Equal(100, done.GetProperty("progress").GetInt32());
        Assert.Equal(["attempt", "detail", "error", "finished_at", "name", "started_at", "state"],
            done.GetProperty("steps")[0].EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Create_WithoutProvisioning_RegistersOnly()
    {
        using var api = await host.AsAdministratorAsync();

        var created = await api.PostAsync("clientes", New(PortalTenants.NewName("api"), c => c["provision"] = false));

        var cliente = created.Expect(201).GetProperty("cliente");
        Assert.Equal($"/api/v1/admin/clientes/{cliente.GetProperty("id").GetInt32()}", created.Location);
        Assert.Equal("registered", cliente.GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.Null, created.Json.GetProperty("operation").ValueKind);
    }

    [Fact]
    public async Task Create_TakenNames_NamesTheFieldsAndTheirHolders()
    {
        using var api = await host.AsAdministratorAsync();
        var first = New(PortalTenants.NewName("api"), c => c["provision"] = false);
        (await api.PostAsync("clientes", first)).Expect(201);

        var sameRuc = await api.PostAsync("clientes", New(PortalTenants.NewName("api"), c => c["ruc"] = first["ruc"]));
        Assert.Contains((string)first["razon_social"]!,
            sameRuc.ExpectProblem(409, "ruc_taken").GetProperty("detail").GetString(), StringComparison.Ordinal);
        (await api.PostAsync("clientes", New((string)first["subdominio"]!))).ExpectProblem(409, "subdominio_taken");
    }

    [Fact]
    public async Task Create_WrongFields_ReportsAllOfThemByName()
    {
        using var api = await host.AsAdministratorAsync();

        var problem = (await api.PostAsync(
            "clientes", new
            {
                ruc = "123", subdominio = "Ñandú", razon_social = "x", correo_acceso = "no",
                plan = "basico", entorno = "luna", max_usuarios = -1
            })).ExpectProblem(422, "invalid_input");
        Assert.Equal(["correo_acceso", "entorno", "max_usuarios", "ruc", "subdominio"],
            problem.GetProperty("errors").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.Equal("ruc_length", problem.GetProperty("error_codes").GetProperty("ruc")[0].GetString());

        var unknown = (await api.PostAsync(
            "clientes", """{"ruc": 20100000009, "colour": "red", "max_usuarios": "5", "provision": null}"""))
            .ExpectProblem(422, "invalid_input");
        Assert.Equal("field_text", unknown.GetProperty("error_codes").GetProperty("ruc")[0].GetString());
        Assert.Equal("field_unknown", unknown.GetProperty("error_codes").GetProperty("colour")[0].GetString());
        Assert.Equal("field_integer", unknown.GetProperty("error_codes").GetProperty("max_usuarios")[0].GetString());
        Assert.Equal("field_boolean", unknown.GetProperty("error_codes").GetProperty("provision")[0].GetString());
    }

    [Fact]
    public async Task Problems_EnglishRequested_AreInEnglish()
    {
        using var api = await host.AsAdministratorAsync();

        Assert.Equal("Este cliente no existe.",
            (await api.GetAsync("clientes/987654")).ExpectProblem(404, "tenant_unknown").GetProperty("detail")
            .GetString());
        var english = await api.SendAsync(
            HttpMethod.Get, "clientes/987654", null, ("Accept-Language", "fr, en-GB;q=0.8, es;q=0.4"));
        Assert.DoesNotContain(
            "existe", english.ExpectProblem(404, "tenant_unknown").GetProperty("detail").GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_EachFilter_ReturnsTheMatchingTenants()
    {
        using var api = await host.AsAdministratorAsync();
        // The names end in letters that no other part of them has: a search looks anywhere in a word.
        var stem = PortalTenants.NewName("lista");
        foreach (var (end, plan) in new[] { ("x", "basico"), ("y", "profesional"), ("z", "basico") })
        {
            (await api.PostAsync(
                "clientes", New($"{stem}-{end}",
                c => (c["plan"], c["provision"], c["razon_social"]) = (plan, false, $"Ñandú {end} {stem}"))))
                .Expect(201);
        }

        var all = (await api.GetAsync($"clientes?q=nandu%20{stem}&order_by=subdominio&order_dir=desc&page_size=2"))
            .Expect(200);
        Assert.Equal((3, 1, 2),
            (all.GetProperty("total").GetInt32(), all.GetProperty("page").GetInt32(),
            all.GetProperty("page_size").GetInt32()));
        Assert.Equal([$"{stem}-z", $"{stem}-y"], Names(all));
        Assert.Equal([$"{stem}-x"],
            Names((await api.GetAsync($"clientes?q={stem}&order_by=subdominio&order_dir=desc&page_size=2&page=2"))
            .Expect(200)));
        Assert.Equal([$"{stem}-y"],
            Names((await api.GetAsync(
            $"clientes?q={stem}&plan=profesional&entorno=demo&is_active=false&state=registered")).Expect(200)));
        Assert.Empty(Names((await api.GetAsync($"clientes?q={stem}&is_active=true")).Expect(200)));
        Assert.Empty(Names((await api.GetAsync($"clientes?q={stem}&state=ready")).Expect(200)));
        Assert.Equal([$"{stem}-y"], Names((await api.GetAsync($"clientes?q={stem}-y")).Expect(200)));
    }

    [Theory]
    [InlineData("page=0", "page")]
    [InlineData("page=x", "page")]
    [InlineData("page_size=201", "page_size")]
    [InlineData("page_size=99999999999", "page_size")]
    [InlineData("state=happy", "state")]
    [InlineData("order_by=password", "order_by")]
    [InlineData("order_dir=up", "order_dir")]
    [InlineData("is_active=yes", "is_active")]
    [InlineData("entorno=luna", "entorno")]
    [InlineData("q=%00", "q")]
    [InlineData("q=a&q=b", "q")]
    [InlineData("is_activ=true", "is_activ")]
    public async Task List_WrongParameter_IsNamed(string query, string parameter)
    {
        using var api = await host.AsAdministratorAsync();

        var problem = (await api.GetAsync($"clientes?{query}")).ExpectProblem(422, "invalid_input");

        Assert.Equal([parameter], problem.GetProperty("errors").EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public async Task Patch_SomeFields_ChangesThoseOnlyAndNullClears()
    {
        using var api = await host.AsAdministratorAsync();
        var id = await RegisteredAsync(api, c => c["contacto_nombre"] = "Rosa");

        var changed = (await api.PatchAsync(
            $"clientes/{id}", new { razon_social = "Otra S.A.C.", max_usuarios = (int?)null, config = new { a = 1 } }))
            .Expect(200);

        Assert.Equal("Otra S.A.C.", changed.GetProperty("razon_social").GetString());
        Assert.Equal("Rosa", changed.GetProperty("contacto_nombre").GetString());
        Assert.Equal(JsonValueKind.Null, changed.GetProperty("max_usuarios").ValueKind);
        Assert.Equal(1, changed.GetProperty("config").GetProperty("a").GetInt32());
        Assert.Equal(JsonValueKind.Null,
            (await api.PatchAsync($"clientes/{id}", """{"contacto_nombre": null}""")).Expect(200)
            .GetProperty("contacto_nombre").ValueKind);
        Assert.Equal(1, (await api.GetAsync($"clientes/{id}")).Expect(200).GetProperty("config").GetProperty("a")
            .GetInt32());
        Assert.Empty((await api.PatchAsync($"clientes/{id}", """{"config": null}""")).Expect(200).GetProperty("config")
            .EnumerateObject());
    }

    [Fact]
    public async Task Patch_AnotherPlan_SetsItsLimitsUnlessTheRequestGivesThem()
    {
        using var api = await host.AsAdministratorAsync();
        var id = await RegisteredAsync(api, c => c["plan"] = "basico");

        var changed = (await api.PatchAsync($"clientes/{id}", new { plan = "profesional" })).Expect(200);
        Assert.Equal((20, 5, 3_000, true), Limits(changed));

        changed = (await api.PatchAsync(
            $"clientes/{id}", new { plan = "empresarial", max_usuarios = 33, limitar_emision = true })).Expect(200);
        Assert.Equal((33, 25, null, true), Limits(changed));

        // The plan that it has already changes nothing.
        Assert.Equal((33, 25, null, true), Limits(
            (await api.PatchAsync($"clientes/{id}", new { plan = "empresarial" })).Expect(200)));
    }

    [Fact]
    public async Task Create_WithoutLimits_TakesThoseOfThePlan()
    {
        using var api = await host.AsAdministratorAsync();
        async Task<JsonElement> ReadAsync(Action<Dictionary<string, object?>> change) =>
            (await api.GetAsync($"clientes/{await RegisteredAsync(api, change)}")).Expect(200);

        Assert.Equal((5, 1, 500, true), Limits(await ReadAsync(c =>
        {
            c["plan"] = "basico";
            c.Remove("max_usuarios");
        })));
        Assert.Equal((7, 1, 500, true), Limits(await ReadAsync(c => (c["plan"], c["max_usuarios"]) = ("basico", 7))));
        Assert.Null(Limits(await ReadAsync(c => (c["plan"], c["max_usuarios"]) = ("basico", null))).Users);
    }

    private static (int? Users, int? Establishments, int? Documents, bool Limited) Limits(JsonElement cliente)
    {
        int? Number(string field) =>
            cliente.GetProperty(field) is { ValueKind: JsonValueKind.Number } n ? n.GetInt32() : null;
        return (Number("max_usuarios"), Number("max_establecimientos"), Number("max_comprobantes"),
            cliente.GetProperty("limitar_emision").GetBoolean());
    }

    [Fact]
    public async Task Patch_WhatMayNotChange_IsRefused()
    {
        using var api = await host.AsAdministratorAsync();
        var id = await RegisteredAsync(api);

        var problem = (await api.PatchAsync(
            $"clientes/{id}", new { ruc = "20100000009", subdominio = "otro", db_name = "postgres", is_active = true }))
            .ExpectProblem(422, "invalid_input");

        Assert.All(problem.GetProperty("error_codes").EnumerateObject(),
            field => Assert.Equal("field_immutable", field.Value[0].GetString()));
        Assert.Equal(4, problem.GetProperty("errors").EnumerateObject().Count());
        (await api.PatchAsync("clientes/987654", new { plan = "basico" })).ExpectProblem(404, "tenant_unknown");
    }

    [Fact]
    public async Task Patch_IfMatch_ChangesOnlyWhatWasRead()
    {
        using var api = await host.AsAdministratorAsync();
        var id = await RegisteredAsync(api);
        var tag = (await api.GetAsync($"clientes/{id}")).Headers.ETag!.Tag;

        var changed = await api.PatchAsync($"clientes/{id}", new { razon_social = "Una" }, ("If-Match", tag));
        changed.Expect(200);
        Assert.NotEqual(tag, changed.Headers.ETag!.Tag);
        (await api.PatchAsync($"clientes/{id}", new { razon_social = "Dos" }, ("If-Match", tag)))
            .ExpectProblem(412, "version_differs");
        (await api.PatchAsync($"clientes/{id}", new { razon_social = "Dos" }, ("If-Match", "W/" + tag)))
            .ExpectProblem(412, "version_differs");
        (await api.PatchAsync($"clientes/{id}", new { razon_social = "Dos" }, ("If-Match", "garbage")))
            .ExpectProblem(412, "version_differs");
        (await api.PatchAsync(
            $"clientes/{id}", new { razon_social = "Tres" }, ("If-Match", $"\"1\", {changed.Headers.ETag.Tag}")))
            .Expect(200);
        var last = await api.PatchAsync($"clientes/{id}", new { razon_social = "Cuatro" }, ("If-Match", "*"));
        last.Expect(200);

        // As a proxy that compresses answers hands it on.
        (await api.PatchAsync(
            $"clientes/{id}", new { razon_social = "Cinco" }, ("If-Match", "W/" + last.Headers.ETag!.Tag))).Expect(200);
    }

    private static IEnumerable<string> Names(JsonElement list) =>
        list.GetProperty("items").EnumerateArray().Select(c => c.GetProperty("subdominio").GetString()!);

    private static async Task<int> RegisteredAsync(ApiCalls api, Action<Dictionary<string, object?>>? with = null)
    {
        var body = New(PortalTenants.NewName("api"), with);
        body["provision"] = false;
        return (await api.PostAsync("clientes", body)).Expect(201).GetProperty("cliente").GetProperty("id").GetInt32();
    }

    internal static Dictionary<string, object?> New(string subdomain, Action<Dictionary<string, object?>>? with = null)
    {
        var body = new Dictionary<string, object?>
        {
            ["ruc"] = Rucs.Next(Interlocked.Increment(ref _ruc)), ["razon_social"] = $"Cliente {subdomain}",
            ["subdominio"] = subdomain, ["correo_acceso"] = $"admin@{subdomain}.pe",
            ["plan"] = "basico", ["entorno"] = "demo", ["max_usuarios"] = 5, ["config"] = new { tema = "oscuro" },
        };
        with?.Invoke(body);
        return body;
    }
}
