using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Api;

/// <summary>A text of the document in which only code is marked up.</summary>
public sealed partial class DocText
{
    [Parameter, EditorRequired]
    public string Text { get; set; } = "";
}
