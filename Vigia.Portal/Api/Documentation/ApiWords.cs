using Microsoft.Extensions.Localization;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Portal.Api.Documentation;

/// <summary>The texts of the OpenAPI document: English for tools, the person's own language on the page.</summary>
internal sealed class ApiWords(IStringLocalizer<ApiText> texts)
{
    public string this[string key] => texts[key];

    public string? Find(string key) => texts[key] is { ResourceNotFound: false } found ? found.Value : null;

    /// <summary>
    /// The text for a field. A text for the field of this object takes precedence over the general one.
    /// </summary>
    public string Field(string schema, string field) =>
        Find($"Field_{schema}_{field}")
        ?? Find($"Field_{schema.Replace("ClienteDetail", "Cliente", StringComparison.Ordinal)}_{field}")
        ?? texts[$"Field_{field}"];

    /// <summary>The text for a parameter of the query string.</summary>
    public string Parameter(string call, string name) => Find($"Param_{call}_{name}") ?? texts[$"Param_{name}"];

    /// <summary>The sentence of a code, with dots in the place of its values.</summary>
    public static string Refusal(string code) => new Message(code, "…", "…", "…", "…").Render();
}
