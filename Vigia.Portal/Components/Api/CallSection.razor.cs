using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;
using Microsoft.OpenApi;
using Vigia.Portal.Api;
using Vigia.Portal.Api.Documentation;

namespace Vigia.Portal.Components.Api;

/// <summary>The documentation of one call.</summary>
public sealed partial class CallSection
{
    [Parameter, EditorRequired]
    public OpenApiOperation Call { get; set; } = default!;

    [Parameter, EditorRequired]
    public string Method { get; set; } = "";

    [Parameter, EditorRequired]
    public string Path { get; set; } = "";

    /// <summary>The portal's address for the example.</summary>
    [Parameter, EditorRequired]
    public string Portal { get; set; } = "";

    private string? Right =>
        Call.Extensions?.TryGetValue(CallDocs.RightExtension, out var right) == true
        ? ((JsonNodeExtension)right).Node.GetValue<string>() : null;

    private IReadOnlyList<DocField> Body => DocField.Of(Call.RequestBody!.Content!["application/json"].Schema!);

    // Refusals that every call may return are listed once, above all calls.
    private IReadOnlyList<(int Status, string Code)> OwnRefusals =>
    [
        .. from response in Call.Responses!
           where response.Key[0] is '4' or '5'
           let status = int.Parse(response.Key, CultureInfo.InvariantCulture)
           from code in response.Value.Content![Problem.ContentType].Schema!.Properties!["code"].Enum!
               .OfType<JsonValue>().Select(v => v.GetValue<string>())
           where !AnswerDocs.OfEveryCall.Any(r => r.Status == status && r.Codes.Contains(code))
           select (status, code),
    ];

    private string Named(string key) => $"{Call.Summary}: {T[key]}";
}
