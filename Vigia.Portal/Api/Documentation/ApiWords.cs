using Microsoft.Extensions.Localization;
using Vigia.Core.Errors;

namespace Vigia.Portal.Api.Documentation;

/// <summary>What the document says, in the language of whoever asks: English for tools, a person's own on the page.</summary>
internal sealed class ApiWords(IStringLocalizer<ApiText> texts)
{
    public string this[string key] => texts[key];

    public string? Find(string key) => texts[key] is { ResourceNotFound: false } found ? found.Value : null;

    /// <summary>A field; of this object, where the same name means something of its own there.</summary>
    public string Field(string schema, string field) => Find($"Field_{schema}_{field}") ?? Find($"Field_{schema.Replace("ClienteDetail", "Cliente", StringComparison.Ordinal)}_{field}") ?? texts[$"Field_{field}"];

    /// <summary>A parameter of the query string.</summary>
    public string Parameter(string call, string name) => Find($"Param_{call}_{name}") ?? texts[$"Param_{name}"];

    /// <summary>The sentence of a code, with dots where a case fills something in.</summary>
    public static string Refusal(string code) => new Message(code, "…", "…", "…", "…").Render();
}
