using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.ApiDocs;

/// <summary>A text of the document, in which only code is marked.</summary>
public sealed partial class Marked
{
    [Parameter, EditorRequired]
    public string Text { get; set; } = "";
}
