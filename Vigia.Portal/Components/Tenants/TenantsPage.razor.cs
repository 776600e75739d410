using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Plans;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>
/// The registry. Values are updated in place. Rows are added and removed only while the pointer and the focus are
/// outside the list. Otherwise a pill shows how many changes wait.
/// </summary>
// More than five dependencies: the list, its filters and its address are one state. A part of it would have to ask the
// page for the rest, and the browser for the text that is being typed.
public sealed partial class TenantsPage(
    ChangeFeed feed, StaffSession session, TenantSearch search, PlanCatalog plans, TenantTrail trail,
    TenantSelection selection, NavigationManager navigation, PageDialogs dialogs, IJSRuntime js, TimeProvider time)
    : LiveComponent(feed)
{
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(250);

    private static readonly IReadOnlyList<TenantStatus> Statuses =
    [
        TenantStatus.Active, TenantStatus.Suspended, TenantStatus.Expired, TenantStatus.Provisioning,
        TenantStatus.Failed, TenantStatus.Registered, TenantStatus.Deleting, TenantStatus.DatabaseMissing,
        TenantStatus.Unreachable, TenantStatus.Withdrawn,
    ];

    private readonly HashSet<string> _changes = [];
    private readonly LatestRead _reading = new();

    // The addresses that typing navigated to and that have not been reported yet.
    private readonly Queue<string?> _typed = new();
    private TenantListView _view = new();
    private TenantListView? _shown;
    private IReadOnlyList<Plan> _plans = [];
    private TenantPage? _page;
    private TenantTableLook _look = TenantTableLook.Usual;
    private Actor? _actor;
    private CancellationTokenSource? _typing;
    private bool _inUse;

    private bool MayChoose => _actor?.May(Rights.TenantsToggle) == true;

    private string EmptyKey => this switch
    {
        { _page.Total: > 0 } => "BeyondEnd",
        { _view.IsFiltered: true } => "NothingFound",
        _ => "NoTenants",
    };

    protected override void Leave()
    {
        navigation.LocationChanged -= OnLocationChanged;
        _typing?.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _view = TenantListView.Parse(new Uri(navigation.Uri));
        selection.ShowsView(_view);
        navigation.LocationChanged += OnLocationChanged;
        Watch(ChangeTopic.Tenants, OnChangedAsync);
        _actor = await session.ActorAsync();
        _plans = await plans.ListAsync(_actor, Ending);
        await ReloadAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _view.Q is { } typed)
        {
            await js.InvokeVoidAsync("vigia.setValue", Ending, "list-search", typed);
        }
    }

    private static string? Chosen(ChangeEventArgs e) => e.Value?.ToString() is { Length: > 0 } text ? text : null;

    private string StatusText(TenantStatus status) =>
        status == TenantStatus.Withdrawn ? T["Filter_withdrawn"] : Shared[StateLook.Tenant(status).TextKey];

    private void Show(TenantListView view) => navigation.NavigateTo(view.ToAddress());

    // Applies the changes that were held back.
    private Task LetGoAsync()
    {
        selection.Clear();
        return ReloadAsync();
    }

    private async Task ClearAsync()
    {
        await js.InvokeVoidAsync("vigia.setValue", Ending, "list-search", "");
        Show(new TenantListView { Order = _view.Order, Descending = _view.Descending, PageSize = _view.PageSize });
    }

    private async Task TypedAsync(ChangeEventArgs e)
    {
        var typing = Newest(ref _typing);
        var typed = e.Value?.ToString()?.Trim() is { Length: > 0 } text ? text : null;
        try
        {
            await Task.Delay(Settle, time, typing);
            if (typed != (_typed.Count > 0 ? _typed.Last() : _view.Q))
            {
                _typed.Enqueue(typed);
                navigation.NavigateTo((_view with { Q = typed, Page = 1 }).ToAddress(), replace: true);
            }
        }
        catch (OperationCanceledException) when (typing.IsCancellationRequested)
        {
            // A newer text was typed.
            return;
        }
    }

    private void OnLocationChanged(object? sender, LocationChangedEventArgs e)
    {
        var address = new Uri(e.Location);
        if (address.AbsolutePath != PortalUrls.Tenants)
        {
            return;
        }

        var before = _view.Q;
        _view = TenantListView.Parse(address);
        selection.ShowsView(_view);
        var isTyped = _typed.TryDequeue(out var typed) && typed == _view.Q;
        _ = InvokeAsync(async () =>
        {
            try
            {
                if (!isTyped && before != _view.Q)
                {
                    // The browser keeps the value of the search field. It is replaced only after a link or the Back
                    // button.
                    _typed.Clear();
                    await js.InvokeVoidAsync("vigia.setValue", Ending, "list-search", _view.Q ?? "");
                }

                await ReloadAsync();
                StateHasChanged();
            }
            catch (Exception exception)
            {
                await DispatchExceptionAsync(exception);
            }
        });
    }

    private async Task ReloadAsync()
    {
        var asked = _view;
        await ReadAsync(
            _reading, asked, (view, until) => search.SearchAsync(_actor!, view.ToQuery(), until),
            page =>
            {
                (_page, _shown) = (page, asked);
                _changes.Clear();
                trail.Remember(asked.ToAddress(), [.. page.Items.Select(item => item.Id)]);
            });
    }

    private async Task OnChangedAsync(ChangeSet changes)
    {
        if (_page is null || _actor is null)
        {
            return;
        }

        if (_view != _shown || _page.Items.Count == 0 || (!_inUse && !dialogs.IsOpen && selection.Count == 0))
        {
            await ReloadAsync();
            return;
        }

        var rows = _page.Items;
        await ReadAsync(
            _reading, _view, (_, until) => search.FindAsync(_actor, [.. rows.Select(item => item.Id)], until),
            now =>
            {
                _changes.UnionWith(changes.Ids.Where(
                    id => !now.ContainsKey(int.Parse(id, CultureInfo.InvariantCulture))));
                _page = _page with { Items = [.. rows.Select(item => now.GetValueOrDefault(item.Id, item))] };
            });
    }
}
