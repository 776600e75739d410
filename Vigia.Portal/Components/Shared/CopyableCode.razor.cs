using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// A code, name or address with a button that copies it. The button announces the copy to screen readers too.
/// </summary>
public sealed partial class CopyableCode(TimeProvider time, BrowserCalls browser) : IDisposable
{
    private static readonly TimeSpan NoteStays = TimeSpan.FromSeconds(2);
    private readonly CancellationTokenSource _ending = new();
    private bool? _copied;
    private ITimer? _timer;

    [Parameter, EditorRequired]
    public string Text { get; set; } = "";

    /// <summary>The name of the copied text in the button's label. The text itself when null.</summary>
    [Parameter]
    public string? What { get; set; }

    public void Dispose()
    {
        _ending.Cancel();
        _ending.Dispose();
        _timer?.Dispose();
    }

    private async Task CopyAsync()
    {
        _copied = await browser.AskOnceAsync<bool>("vigia.copy", _ending.Token, Text);
        _timer?.Dispose();
        _timer = time.CreateTimer(_ => _ = InvokeAsync(Clear), null, NoteStays, Timeout.InfiniteTimeSpan);
    }

    private void Clear()
    {
        _copied = null;
        StateHasChanged();
    }
}
