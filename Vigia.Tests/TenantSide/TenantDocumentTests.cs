using System.Text.Json;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using Vigia.Portal;
using Vigia.Portal.Api;
using Vigia.Portal.Api.Documentation;
using Vigia.Portal.Api.TenantSide;
using Vigia.Tests.Api;
using Vigia.Tests.Browser;

namespace Vigia.Tests.TenantSide;

/// <summary>The OpenAPI document of the tenants' API is valid, complete, and apart from that of staff.</summary>
public sealed class TenantDocumentTests(TenantSideHost host) : IClassFixture<TenantSideHost>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Document_FetchedByAnybody_IsValidAndHasTheTenantsCallsOnly()
    {
        using var nobody = host.Nobody();
        var answer = await nobody.GetAsync(ApiUrls.TenantsDocument);

        Assert.Equal((200, "application/json"), (answer.Status, answer.ContentType));
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(answer.Text));
        var read = await OpenApiDocument.LoadAsync(
            stream, "json", new OpenApiReaderSettings { RuleSet = ValidationRuleSet.GetDefaultRuleSet() },
            Cancellation);
        Assert.Empty(read.Diagnostic!.Errors);
        Assert.Empty(read.Diagnostic.Warnings);
        var calls = ApiCall.OfTenants(host.Services);
        Assert.Equal(calls.Select(c => $"{c.Template} {c.Method.ToLowerInvariant()} {c.Name}").Order(),
            Calls(answer.Json).Select(c => $"{c.Path} {c.Method} {c.Call.GetProperty("operationId")}").Order());
        using var staff = await host.AsAsync(null);
        Assert.DoesNotContain("auth/login", (await staff.GetAsync(ApiUrls.Document)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_EachOfThem_HasItsTokenPermissionAndCodes()
    {
        var document = await DocumentAsync();
        foreach (var (path, method, call) in Calls(document))
        {
            var endpoint = ApiCall.OfTenants(host.Services).Single(
                c => c.Template == path && c.Method.Equals(method, StringComparison.OrdinalIgnoreCase));
            var rule = endpoint.Said<TenantCall>()!;
            Assert.Equal(rule.NeedsToken,
                call.TryGetProperty("security", out var security) && security.GetArrayLength() > 0);
            Assert.Equal(rule.Permission, call.TryGetProperty(CallDocs.PermissionExtension, out var permission)
                ? permission.GetString() : null);
            foreach (var (status, codes) in AnswerDocs.Refusals([.. endpoint.Endpoint.Metadata]))
            {
                var listed = call.GetProperty("responses").GetProperty($"{status}").GetProperty("content")
                    .GetProperty(Problem.ContentType).GetProperty("schema").GetProperty("properties")
                    .GetProperty("code").GetProperty("enum");
                Assert.Equal(codes, listed.EnumerateArray().Select(c => c.GetString()!));
            }

            Assert.Contains("X-Tenant", call.GetProperty("parameters").EnumerateArray()
                .Select(p => p.GetProperty("name").GetString()));
            Assert.Contains("tenant_mismatch", call.GetProperty("responses").GetProperty("403").GetRawText(),
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Texts_EveryCallAndField_HasOneAndExamplesFit()
    {
        var document = await DocumentAsync();

        string[] keys = ["Field_", "Header_", "About_", "Call_", "Param_", "Tag_", "Answer_"];
        Assert.DoesNotContain(Texts(document), text => string.IsNullOrWhiteSpace(text)
            || keys.Any(key => text.StartsWith(key, StringComparison.Ordinal)));
        foreach (var (_, _, call) in Calls(document).Where(c => c.Call.TryGetProperty("requestBody", out _)))
        {
            var body = call.GetProperty("requestBody").GetProperty("content").EnumerateObject().Single().Value;
            Assert.Empty(new SchemaCheck(document).Problems(
                body.GetProperty("schema"), body.GetProperty("example")));
        }
    }

    [Fact]
    public async Task Answers_OfRealCalls_FitTheirSchemas()
    {
        var document = await DocumentAsync();
        var tenant = await host.TenantAsync("documento");
        using var admin = await tenant.SignedInAsync("rosa");
        using var nobody = host.Nobody(tenant.Name);
        using var support = await tenant.SignedInAsync("saul", "soporte");
        using var stranger = host.Nobody("nadie-aqui");
        var unready = PortalTenants.NewName("nueva");
        await host.RegisterAsync(unready, provision: false);
        await host.HoldsAsync(unready, entry => entry is not null);
        foreach (var (method, path, answer) in new[]
        {
            ("post", "users", await support.PostAsync("users", new { })),
            ("get", "comprobantes", await support.GetAsync("comprobantes")),
            ("post", "auth/login", await stranger.LoginAsync("rosa", "x")),
            ("get", "auth/me", await admin.GetAsync("auth/me", ("X-Tenant", "nadie-aqui"))),
            ("post", "auth/login", await nobody.PostAsync("auth/login", new { })),
            ("post", "auth/login", await host.Nobody(unready).LoginAsync("rosa", "x")),
            ("post", "users", await admin.BodyAsync("users", "text/plain", "{}")),
            ("post", "users", await admin.BodyAsync("users", "application/json", "{")),
            ("post", "establecimientos",
                await admin.PostAsync("establecimientos", new { codigo = "1", nombre = "Una" })),
            ("post", "establecimientos",
                await admin.PostAsync("establecimientos", new { codigo = "1", nombre = "Otra" })),
            ("post", "auth/login", await nobody.LoginAsync("rosa", TenantSideHost.Password)),
            ("post", "auth/login", await nobody.LoginAsync("rosa", "no-es")),
            ("get", "auth/me", await admin.GetAsync("auth/me")),
            ("get", "auth/me", await nobody.GetAsync("auth/me")),
            ("post", "auth/invitation",
                await nobody.PostAsync("auth/invitation", new { token = "x", password = "una frase" })),
            ("get", "tenant", await admin.GetAsync("tenant")),
            ("post", "users", await admin.PostAsync("users",
                new { email = "luis@a.pe", password = "una frase", roles = new[] { "qf" } })),
            ("post", "users", await admin.PostAsync("users", new { })),
            ("get", "users", await admin.GetAsync("users")),
            ("post", "establecimientos", await admin.PostAsync("establecimientos", new { nombre = "Planta" })),
            ("get", "establecimientos", await admin.GetAsync("establecimientos")),
            ("post", "comprobantes", await admin.PostAsync("comprobantes", new
            {
                tipo = "boleta", serie = "B001", numero = 1, fecha_emision = "2026-12-01", total = 10.5m,
            })),
            ("get", "comprobantes", await admin.GetAsync("comprobantes")),
        })
        {
            var responses = document.GetProperty("paths").GetProperty($"/api/v1/{path}").GetProperty(method)
                .GetProperty("responses");
            Assert.True(responses.TryGetProperty($"{answer.Status}", out var response), $"{path}: {answer.Text}");
            var schema = response.GetProperty("content").GetProperty(answer.ContentType!).GetProperty("schema");
            Assert.Empty(new SchemaCheck(document).Problems(schema, answer.Json));
        }
    }

    private async Task<JsonElement> DocumentAsync()
    {
        using var nobody = host.Nobody();
        return (await nobody.GetAsync(ApiUrls.TenantsDocument)).Expect(200);
    }

    private static IEnumerable<(string Path, string Method, JsonElement Call)> Calls(JsonElement document) =>
        from path in document.GetProperty("paths").EnumerateObject()
        from call in path.Value.EnumerateObject()
        select (path.Name, call.Name, call.Value);

    private static IEnumerable<string> Texts(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(
            p => p is { Name: "description" or "summary", Value.ValueKind: JsonValueKind.String }
                ? [p.Value.GetString()!] : Texts(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Texts),
        _ => [],
    };
}
