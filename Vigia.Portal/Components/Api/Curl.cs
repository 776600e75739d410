using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Microsoft.OpenApi;
using Vigia.Portal.Api;

namespace Vigia.Portal.Components.Api;

/// <summary>Formats a call as a curl command.</summary>
internal static class Curl
{
    private static readonly JsonSerializerOptions Readable =
        new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All), WriteIndented = true };

    /// <param name="portal">The portal's address, without a trailing slash.</param>
    /// <param name="method">GET, POST, …</param>
    /// <param name="path">The path, with its parameters in braces.</param>
    /// <param name="call">The call in the document.</param>
    public static string Of(string portal, string method, string path, OpenApiOperation call)
    {
        var id = path.Contains("/operations/", StringComparison.Ordinal) ? "0197a3a0-1c5e-7d21-9b0a-5f2c8e4d1a77"
            : "42";
        var text = new StringBuilder("curl");
        if (method != "GET" && !(method == "POST" && call.RequestBody is not null))
        {
            text.Append(" -X ").Append(method);
        }

        if (call.Responses!.Values.Any(answer => answer.Content?.ContainsKey(OperationEvents.ContentType) == true))
        {
            text.Append(" -N");
        }

        text.Append(' ').Append(portal).Append(path.Replace("{id}", id, StringComparison.Ordinal));
        if (call.Security is { Count: > 0 })
        {
            text.Append(" \\\n  -H \"Authorization: Bearer $TOKEN\"");
        }

        foreach (var header in call.Parameters?.Where(p => p.In == ParameterLocation.Header) ?? [])
        {
            text.Append(" \\\n  -H '").Append(header.Name).Append(": ")
                .Append(header.Name == Idempotency.Header ? "andinos-2026-01" : "\"1234\"").Append('\'');
        }

        return call.RequestBody?.Content?["application/json"].Example is { } body ? text.Append(Body(body))
            .ToString() : text.ToString();
    }

    private static string Body(JsonNode body) =>
        " \\\n  -H 'Content-Type: application/json' \\\n"
        + $"  -d '{body.ToJsonString(Readable).Replace("\n", "\n  ", StringComparison.Ordinal)}'";
}
