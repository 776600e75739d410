using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// The frame of a list. It reports whether the list is in use: by the pointer or the keyboard focus, each by itself. A
/// pointer that passes by does not let the rows move under the focus, and a button that loses the focus because it
/// becomes disabled does not let them move under the pointer.
/// </summary>
public sealed partial class ListFrame : IDisposable
{
    private bool _pointer;
    private bool _focus;

    /// <summary>The name of the list for screen readers.</summary>
    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    /// <summary>Raised when the use of the list begins or ends.</summary>
    [Parameter]
    public EventCallback<bool> InUseChanged { get; set; }

    [Parameter, EditorRequired]
    public RenderFragment ChildContent { get; set; } = default!;

    // A list that disappears under the pointer or the focus gets no event of their leaving.
    public void Dispose() => _ = SetAsync(pointer: false, focus: false);

    private Task SetAsync(bool pointer, bool focus)
    {
        var before = _pointer || _focus;
        (_pointer, _focus) = (pointer, focus);
        return before == (pointer || focus) ? Task.CompletedTask : InUseChanged.InvokeAsync(pointer || focus);
    }
}
