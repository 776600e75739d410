using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Api;

/// <summary>A table of parameters or of an object's fields: type, meaning and constraints.</summary>
public sealed partial class FieldTable
{
    [Parameter, EditorRequired]
    public IReadOnlyList<DocField> Fields { get; set; } = [];

    /// <summary>The table's accessible name, for people who can't see the heading above it.</summary>
    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    /// <summary>Whether to mark required fields. This matters for requests and not for responses.</summary>
    [Parameter]
    public bool ShowRequired { get; set; } = true;

    private bool HasPlaces => Fields.Any(f => f.Where is not null);

    private string Notes(DocField field)
    {
        var schema = field.Schema;
        string?[] notes =
        [
            field.MayBeNull ? T["Page_Nullable"].Value : null,
            schema.MaxLength is { } longest ? T["Page_Longest", longest].Value : null,
            (schema.Minimum, schema.Maximum) switch
            {
                ({ } least, { } most) => T["Page_Between", least, most].Value,
                ({ } least, null) => T["Page_From", least].Value,
                _ => null,
            },
            schema.Default is { } value ? T["Page_Default", $"`{value}`"].Value : null,
        ];
        return string.Join(" · ", notes.Where(n => n is not null));
    }
}
