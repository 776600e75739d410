using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Shared;

/// <summary>A relative time with the exact time on hover. It stays up to date while the page is open.</summary>
public sealed partial class Moment(TimeProvider time, PageClock clock) : IDisposable
{
    [Parameter, EditorRequired]
    public DateTimeOffset? At { get; set; }

    /// <summary>The text to show when there is no time.</summary>
    [Parameter]
    public string Missing { get; set; } = "—";

    public void Dispose() => clock.Ticked -= OnTicked;

    protected override void OnInitialized() => clock.Ticked += OnTicked;

    private void OnTicked() => _ = InvokeAsync(StateHasChanged);
}
