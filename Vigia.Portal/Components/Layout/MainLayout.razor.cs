using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Vigia.Core.Postgres;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Layout;

/// <summary>
/// The frame around every page: top bar, menu, and the error boundary that keeps the failure of one page from affecting
/// the rest.
/// </summary>
public sealed partial class MainLayout(
    TenantSearch tenants, StaffSession session, NavigationManager navigation, PageDialogs dialogs, PageNotices notices)
    : IDisposable
{
    private const int MostHits = 8;
    private bool _dark;
    private bool _menuOpen;
    private PageErrorBoundary? _boundary;

    /// <summary>The theme from the cookie of the request. The circuit has no request to read it from.</summary>
    [CascadingParameter(Name = "StartDark")]
    private bool StartDark { get; set; }

    public void Dispose() => navigation.LocationChanged -= OnLocationChanged;

    protected override void OnInitialized()
    {
        _dark = StartDark;
        navigation.LocationChanged += OnLocationChanged;
    }

    private void SetDark(bool value) => _dark = value;

    private async Task<IReadOnlyList<TenantHit>> FindAsync(string text, CancellationToken cancellationToken) =>
        await tenants.FindAnywhereAsync(await session.ActorAsync(), text, MostHits, cancellationToken);

    // A dialog that could not be drawn is gone. The page behind it stays as it is.
    private void OnDialogFailed(Exception exception)
    {
        dialogs.Abandon();
        notices.Refuse(TransientFailures.IsServerUnavailable(exception)
            ? EndingComponent.AwayText : T["DialogFailed"]);
    }

    private void OnLocationChanged(object? sender, LocationChangedEventArgs e)
    {
        _menuOpen = false;
        _boundary?.RecoverElsewhere();
        _ = InvokeAsync(StateHasChanged);
    }
}
