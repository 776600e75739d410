using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// Says when figures were measured, with a button that measures them now. Pages show stored figures: only this button
/// asks a server or a tenant's database.
/// </summary>
public sealed partial class FiguresLine
{
    private bool _busy;
    private bool _failed;

    /// <summary>When the figures were measured. Null while they were not.</summary>
    [Parameter, EditorRequired]
    public DateTimeOffset? At { get; set; }

    /// <summary>Measures now, and returns whether that succeeded.</summary>
    [Parameter, EditorRequired]
    public Func<Task<bool>> Measure { get; set; } = default!;

    private async Task RefreshAsync()
    {
        (_busy, _failed) = (true, false);
        try
        {
            _failed = !await Measure();
        }
        finally
        {
            _busy = false;
        }
    }
}
