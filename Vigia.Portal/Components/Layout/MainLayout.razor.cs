using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

namespace Vigia.Portal.Components.Layout;

/// <summary>The frame around every page: top bar, menu, and the boundary that keeps one page's failure from taking the rest with it.</summary>
public sealed partial class MainLayout : IDisposable
{
    private bool _dark;
    private bool _menuOpen;
    private PageErrorBoundary? _boundary;

    /// <summary>What the request's cookie said; the circuit itself has no request to read it from.</summary>
    [CascadingParameter(Name = "StartDark")]
    private bool StartDark { get; set; }

    public void Dispose() => Navigation.LocationChanged -= OnLocationChanged;

    protected override void OnInitialized()
    {
        _dark = StartDark;
        Navigation.LocationChanged += OnLocationChanged;
    }

    private void SetDark(bool value) => _dark = value;

    private static Task<IReadOnlyList<SearchHit>> FindAsync(string text, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<SearchHit>>([]);

    private void OnLocationChanged(object? sender, LocationChangedEventArgs e)
    {
        _menuOpen = false;
        _boundary?.Recover();
        _ = InvokeAsync(StateHasChanged);
    }
}
