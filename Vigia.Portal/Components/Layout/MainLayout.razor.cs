using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Access;

namespace Vigia.Portal.Components.Layout;

/// <summary>
/// The frame around every page: top bar, menu, and the error boundary that keeps the failure of one page from affecting
/// the rest.
/// </summary>
public sealed partial class MainLayout : IDisposable
{
    private const int MostHits = 8;
    private bool _dark;
    private bool _menuOpen;
    private PageErrorBoundary? _boundary;

    /// <summary>The theme from the cookie of the request. The circuit has no request to read it from.</summary>
    [CascadingParameter(Name = "StartDark")]
    private bool StartDark { get; set; }

    [Inject]
    private TenantSearch Tenants { get; set; } = default!;

    [Inject]
    private StaffSession Session { get; set; } = default!;

    public void Dispose() => Navigation.LocationChanged -= OnLocationChanged;

    protected override void OnInitialized()
    {
        _dark = StartDark;
        Navigation.LocationChanged += OnLocationChanged;
    }

    private void SetDark(bool value) => _dark = value;

    private async Task<IReadOnlyList<TenantHit>> FindAsync(string text, CancellationToken cancellationToken) =>
        await Tenants.FindAnywhereAsync(await Session.ActorAsync(), text, MostHits, cancellationToken);

    private void OnLocationChanged(object? sender, LocationChangedEventArgs e)
    {
        _menuOpen = false;
        _boundary?.RecoverElsewhere();
        _ = InvokeAsync(StateHasChanged);
    }
}
