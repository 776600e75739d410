using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Shared;

/// <summary>Says beside a button that is off what the form still lacks.</summary>
public sealed partial class MissingNote
{
    /// <summary>The id for the button's <c>aria-describedby</c>.</summary>
    [Parameter, EditorRequired]
    public string Id { get; set; } = "";

    /// <summary>The labels of the fields. Nothing is shown when there are none.</summary>
    [Parameter, EditorRequired]
    public IEnumerable<string> What { get; set; } = [];
}
