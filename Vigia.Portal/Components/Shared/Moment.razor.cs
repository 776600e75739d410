using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Shared;

/// <summary>A relative time with the exact time on hover. It stays up to date while the page is open.</summary>
public sealed partial class Moment : IDisposable
{
    [Parameter, EditorRequired]
    public DateTimeOffset? At { get; set; }

    /// <summary>The text to show when there is no time.</summary>
    [Parameter]
    public string Missing { get; set; } = "—";

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    [Inject]
    private PageClock Clock { get; set; } = default!;

    public void Dispose() => Clock.Ticked -= OnTicked;

    protected override void OnInitialized() => Clock.Ticked += OnTicked;

    private void OnTicked() => _ = InvokeAsync(StateHasChanged);
}
