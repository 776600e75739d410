using System.Text.Json;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Portal;
using Vigia.Portal.Api;
using Vigia.Portal.Api.Documentation;
using Vigia.Tests.Browser;

namespace Vigia.Tests.Api;

/// <summary>The OpenAPI document is valid, complete, and describes the portal correctly.</summary>
public sealed class DocumentTests(ApiHost host) : IClassFixture<ApiHost>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Document_FetchedWithoutSignIn_IsValidOpenApi31()
    {
        using var nobody = await host.AsAsync(null);

        var answer = await nobody.GetAsync(ApiUrls.Document);

        Assert.Equal((200, "application/json"), (answer.Status, answer.ContentType));
        Assert.StartsWith("3.1.", answer.Json.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(answer.Text));
        var read = await OpenApiDocument.LoadAsync(
            stream, "json", new OpenApiReaderSettings { RuleSet = ValidationRuleSet.GetDefaultRuleSet() },
            Cancellation);
        Assert.Empty(read.Diagnostic!.Errors);
        Assert.Empty(read.Diagnostic.Warnings);
        Assert.Equal(answer.Text, (await nobody.GetAsync(ApiUrls.Document)).Text);
        Assert.DoesNotContain("127.0.0.1", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_EveryMappedEndpoint_IsDocumentedWithItsCodesAndSchemas()
    {
        var document = await DocumentAsync();
        var (calls, wrong) = (ApiCall.All(host.Services), new List<string>());

        foreach (var call in calls)
        {
            if (!document.GetProperty("paths").TryGetProperty(call.Template, out var path)
                || !path.TryGetProperty(call.Method.ToLowerInvariant(), out var documented))
            {
                wrong.Add($"{call} is not there.");
                continue;
            }

            wrong.AddRange(Differences(call, documented));
        }

        Assert.Empty(wrong);
        Assert.Equal(calls.Count,
            document.GetProperty("paths").EnumerateObject().Sum(p => p.Value.EnumerateObject().Count()));
    }

    [Fact]
    public async Task Texts_EveryCallParameterAndField_HasOne()
    {
        var document = await DocumentAsync();

        var descriptions = Descriptions(document, "$").ToList();

        Assert.True(descriptions.Count > 250, $"{descriptions.Count}");
        Assert.DoesNotContain(
            descriptions, d => string.IsNullOrWhiteSpace(d.Text)
            || d.Text.StartsWith("Field_", StringComparison.Ordinal)
            || d.Text.StartsWith("Param_", StringComparison.Ordinal)
            || d.Text.StartsWith("About_", StringComparison.Ordinal));
        Assert.Empty(document.GetProperty("components").GetProperty("schemas").EnumerateObject()
            .SelectMany(s => s.Value.GetProperty("properties").EnumerateObject()
                .Where(p => !p.Value.TryGetProperty("description", out _)).Select(p => $"{s.Name}.{p.Name}")));
    }

    [Fact]
    public async Task Examples_FitTheirSchemas()
    {
        var document = await DocumentAsync();
        var bodies = document.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject())
            .Where(o => o.Value.TryGetProperty("requestBody", out _))
            .Select(o => o.Value.GetProperty("requestBody").GetProperty("content").GetProperty("application/json"))
                .ToList();

        Assert.NotEmpty(bodies);
        Assert.All(bodies, body =>
            Assert.Empty(new SchemaCheck(document).Problems(body.GetProperty("schema"), body.GetProperty("example"))));
    }

    [Fact]
    public async Task Answers_OfTheMainCalls_MatchTheDocument()
    {
        var document = await DocumentAsync();
        using var api = await host.AsAdministratorAsync();
        using var nobody = await host.AsAsync(null);
        var seen = new List<string>();
        var name = PortalTenants.NewName("esquema");
        await SeeAsync("post", "auth/token",
            nobody.PostAsync("auth/token",
            new { email = PortalHost.AdministratorEmail, password = PortalHost.AdministratorPassword }));
        var registered = await SeeAsync(
            "post", "clientes", api.PostAsync("clientes", ClientesTests.New(name, c => c["provision"] = false)));
        var id = registered.GetProperty("cliente").GetProperty("id").GetInt32();
        await SeeAsync("get", "clientes/{id}", api.GetAsync($"clientes/{id}"));
        await EndAsync(await SeeAsync("post", "clientes/{id}/provision", api.PostAsync($"clientes/{id}/provision")));
        await SeeAsync("get", "clientes/{id}", api.GetAsync($"clientes/{id}"));
        await SeeAsync("patch", "clientes/{id}",
            api.PatchAsync($"clientes/{id}", new { max_usuarios = 7, contacto_nombre = (string?)null }));
        await SeeAsync("post", "clientes/{id}/toggle",
            api.PostAsync($"clientes/{id}/toggle", new { is_active = false, reason = "prueba" }));
        await SeeAsync("post", "clientes/{id}/toggle",
            api.PostAsync($"clientes/{id}/toggle", new { is_active = true }));
        await SeeAsync("post", "clientes/{id}/invitation", api.PostAsync($"clientes/{id}/invitation"));
        await SeeAsync("post", "clientes/{id}/ruc",
            api.PostAsync($"clientes/{id}/ruc", new { ruc = Infrastructure.Rucs.Next(48_765), reason = "prueba" }));
        await EndAsync(await SeeAsync("post", "clientes/{id}/subdominio",
            api.PostAsync($"clientes/{id}/subdominio", new { subdominio = $"{name}-b", reason = "prueba" })));
        await EndAsync((await api.PostAsync(
            $"clientes/{id}/subdominio", new { subdominio = name, reason = "prueba" })).Expect(202));
        await SeeAsync("post", "diagnose", api.PostAsync("diagnose", new { tenant = name }));
        await SeeAsync("delete", "clientes/{id}", api.DeleteAsync($"clientes/{id}", new { reason = "prueba" }));
        await SeeAsync("get", "clientes", api.GetAsync("clientes"));
        await SeeAsync("get", "databases", api.GetAsync("databases?schema=current"));
        await EndAsync(await SeeAsync("post", "clientes/{id}/migrate", api.PostAsync($"clientes/{id}/migrate")));
        await SeeAsync("post", "databases/migrate", api.PostAsync("databases/migrate", new { ids = new[] { id } }));
        var deletion = await SeeAsync(
            "delete", "clientes/{id}",
            api.DeleteAsync($"clientes/{id}?hard=true",
            new { confirm = name, reason = "prueba", password = PortalHost.AdministratorPassword }));
        await EndAsync(deletion);
        await SeeAsync("get", "clientes/{id}", api.GetAsync($"clientes/{id}"));
        await SeeAsync("get", "clientes", api.GetAsync("clientes?state=trashed"));
        await EndAsync(await SeeAsync("post", "clientes/{id}/restore", api.PostAsync($"clientes/{id}/restore")));
        await SeeAsync("get", "operations/{id}",
            api.GetAsync($"operations/{deletion.GetProperty("operation").GetProperty("id").GetString()}"));
        await SeeAsync("get", "operations", api.GetAsync("operations?page_size=200"));
        await SeeAsync("get", "audit", api.GetAsync("audit?page_size=200"));
        await SeeAsync("get", "audit/verify", api.GetAsync("audit/verify"));
        await SeeAsync("post", "operations/{id}/retry",
            api.PostAsync($"operations/{deletion.GetProperty("operation").GetProperty("id").GetString()}/retry"));
        await SeeAsync("post", "clientes", api.PostAsync("clientes", new { }));
        await SeeAsync("get", "clientes/{id}", nobody.GetAsync($"clientes/{id}"));

        Assert.Equal(28, seen.Count);

        async Task<JsonElement> SeeAsync(string method, string path, Task<ApiAnswer> asked)
        {
            var answer = await asked;
            seen.Add($"{method} {path} {answer.Status}");
            var said = document.GetProperty("paths").GetProperty(ApiCalls.Root + path).GetProperty(method)
                .GetProperty("responses");
            Assert.True(said.TryGetProperty($"{answer.Status}", out var response),
                $"{seen[^1]} is not in the document: {answer.Text}");
            Assert.Empty(new SchemaCheck(document)
                .Problems(response.GetProperty("content").GetProperty(answer.ContentType!).GetProperty("schema"),
                answer.Json));
            foreach (var header in response.TryGetProperty("headers", out var headers) ? headers.EnumerateObject()
                .Select(h => h.Name) : [])
            {
                Assert.True(answer.Headers.Contains(header)
                    || (header == "ETag" && answer.Text.Contains("trashed", StringComparison.Ordinal)),
                    $"{seen[^1]} has no {header}");
            }

            return answer.Json;
        }

        Task EndAsync(JsonElement accepted) =>
            host.ReachAsync(accepted.GetProperty("operation").GetProperty("id").GetGuid(), OperationState.Succeeded);
    }

    private async Task<JsonElement> DocumentAsync()
    {
        using var nobody = await host.AsAsync(null);
        return (await nobody.GetAsync(ApiUrls.Document)).Expect(200);
    }

    private static IEnumerable<string> Differences(ApiCall call, JsonElement documented)
    {
        var metadata = call.Endpoint.Metadata;
        var right = call.Said<RightRequired>()?.Right;
        var secured = documented.TryGetProperty("security", out var security)
            && security.EnumerateArray().Any(one => one.TryGetProperty(DocumentSetup.Bearer, out _));
        if (documented.GetProperty("operationId").GetString() != call.Name)
        {
            yield return $"{call}: operationId";
        }

        if ((documented.TryGetProperty(CallDocs.RightExtension, out var said) ? said.GetString() : null) != right
            || secured != right is not null
            || (right is not null && !Rights.All.Union(ServiceRights.All).Contains(right)))
        {
            yield return $"{call}: its right is {right}";
        }

        var responses = documented.GetProperty("responses");
        foreach (var (status, codes) in AnswerDocs.Refusals([.. metadata]))
        {
            var listed = responses.GetProperty($"{status}").GetProperty("content").GetProperty(Problem.ContentType)
                .GetProperty("schema").GetProperty("properties").GetProperty("code").GetProperty("enum");
            if (!codes.SequenceEqual(listed.EnumerateArray().Select(c => c.GetString()!)))
            {
                yield return $"{call}: codes of {status}";
            }
        }

        foreach (var answer in metadata.GetOrderedMetadata<Answer>())
        {
            if (answer == DoneCalls.Answer || answer.Status == 304)
            {
                var done = responses.GetProperty($"{answer.Status}");
                if (done.TryGetProperty("content", out _)
                    || !done.GetProperty("headers").TryGetProperty(answer.Status == 304 ? "ETag" : "Location", out _))
                {
                    yield return $"{call}: answer {answer.Status}";
                }

                continue;
            }

            var schema = responses.GetProperty($"{answer.Status}").GetProperty("content")
                .GetProperty(answer.ContentType).GetProperty("schema");
            if (answer.Type is { } type
                && schema.GetProperty("$ref").GetString() != $"#/components/schemas/{Schemas.NameOf(type)}")
            {
                yield return $"{call}: answer {answer.Status}";
            }
        }

        var body = documented.TryGetProperty("requestBody", out var request) ? request.GetProperty("content")
            .GetProperty("application/json").GetProperty("schema").GetProperty("$ref").GetString() : null;
        if (body != (call.Said<Takes>() is { } takes ? $"#/components/schemas/{Schemas.NameOf(takes.Type)}" : null))
        {
            yield return $"{call}: body {body}";
        }

        var parameters = documented.TryGetProperty("parameters", out var all) ? all.EnumerateArray()
            .Select(p => $"{p.GetProperty("in").GetString()} {p.GetProperty("name").GetString()}").ToList() : [];
        var wanted = call.Endpoint.RoutePattern.Parameters.Select(p => $"path {p.Name}")
            .Concat(call.Said<QueryParameters>()?.All.Select(p => $"query {p.Name}") ?? [])
                .Concat(metadata.GetOrderedMetadata<Heeds>().Select(h => $"header {h.Header}"));
        if (!parameters.SequenceEqual(wanted))
        {
            yield return $"{call}: parameters {string.Join(", ", parameters)}";
        }
    }

    private static IEnumerable<(string At, string Text)> Descriptions(JsonElement element, string at) =>
        element.ValueKind switch
        {
            JsonValueKind.Object =>
                element.EnumerateObject()
                .SelectMany(p => p is { Name: "description" or "summary", Value.ValueKind: JsonValueKind.String }
                ? [(at, p.Value.GetString()!)] : Descriptions(p.Value, $"{at}.{p.Name}")),
            JsonValueKind.Array => element.EnumerateArray().SelectMany(item => Descriptions(item, at)),
            _ => [],
        };
}
