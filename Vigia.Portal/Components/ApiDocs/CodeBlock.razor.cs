using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.ApiDocs;

/// <summary>Something to paste into a shell, with a button that copies it.</summary>
public sealed partial class CodeBlock
{
    [Parameter, EditorRequired]
    public string Id { get; set; } = "";

    [Parameter, EditorRequired]
    public string Text { get; set; } = "";

    /// <summary>What it does.</summary>
    [Parameter, EditorRequired]
    public string Label { get; set; } = "";
}
