using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Api;

/// <summary>Text to paste into a shell, with a button that copies it.</summary>
public sealed partial class CodeBlock
{
    [Parameter, EditorRequired]
    public string Id { get; set; } = "";

    [Parameter, EditorRequired]
    public string Text { get; set; } = "";

    /// <summary>The label of the code.</summary>
    [Parameter, EditorRequired]
    public string Label { get; set; } = "";
}
