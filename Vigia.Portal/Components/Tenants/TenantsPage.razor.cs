using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;
using Vigia.Core.Feed;
using Vigia.Core.Plans;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Account;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>
/// The registry. Values change in place as they change on the server; rows come and go only while nobody's hand is in the list, else a
/// pill says how many changes wait.
/// </summary>
public sealed partial class TenantsPage
{
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(250);

    private static readonly IReadOnlyList<string> Statuses =
    [
        TenantStatus.Active, TenantStatus.Inactive, TenantStatus.Expired, TenantStatus.Provisioning, TenantStatus.Failed, TenantStatus.Registered,
        TenantStatus.Deleting, TenantStatus.DatabaseMissing, TenantStatus.Unmanaged, TenantStatus.Withdrawn,
    ];

    private readonly HashSet<string> _changes = [];
    private TenantListView _view = new();
    private IReadOnlyList<Plan> _plans = [];
    private TenantPage? _page;
    private TenantTableLook _look = TenantTableLook.Usual;
    private Actor? _actor;
    private CancellationTokenSource? _typing;
    private CancellationTokenSource? _reading;
    private bool _hand;

    [Inject]
    private StaffSession Session { get; set; } = default!;

    [Inject]
    private TenantSearch Search { get; set; } = default!;

    [Inject]
    private PlanCatalog Plans { get; set; } = default!;

    [Inject]
    private TenantTrail Trail { get; set; } = default!;

    [Inject]
    private TenantSelection Selection { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private int First => ((_page!.Page - 1) * _page.PageSize) + 1;

    private bool MayChoose => _actor?.May(Rights.TenantsToggle) == true;

    private string EmptyKey => this switch
    {
        { _page.Total: > 0 } => "BeyondEnd",
        { _view.IsFiltered: true } => "NothingFound",
        _ => "NoTenants",
    };

    protected override void Leave()
    {
        Navigation.LocationChanged -= OnLocationChanged;
        _typing?.Dispose();
        _reading?.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _view = TenantListView.Parse(new Uri(Navigation.Uri));
        Selection.ShowsView(_view);
        Navigation.LocationChanged += OnLocationChanged;
        Watch(ChangeTopic.Tenants, OnChangedAsync);
        _actor = await Session.ActorAsync();
        _plans = await Plans.ListAsync(_actor, Ending);
        await ReloadAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _view.Q is { } typed)
        {
            await Page.JS.InvokeVoidAsync("vigia.setValue", Ending, "list-search", typed);
        }
    }

    private static string? Chosen(ChangeEventArgs e) => e.Value?.ToString() is { Length: > 0 } text ? text : null;

    private string StatusText(string status) => status == TenantStatus.Withdrawn ? T["Filter_withdrawn"] : Page.Shared[StateLook.Tenant(status).TextKey];

    private void Show(TenantListView view) => Navigation.NavigateTo(view.ToAddress());

    // What changed meanwhile was held back.
    private Task LetGoAsync()
    {
        Selection.Clear();
        return ReloadAsync();
    }

    private async Task ClearAsync()
    {
        await Page.JS.InvokeVoidAsync("vigia.setValue", Ending, "list-search", "");
        Show(new TenantListView { Order = _view.Order, Descending = _view.Descending, PageSize = _view.PageSize });
    }

    private async Task TypedAsync(ChangeEventArgs e)
    {
        var typing = Newest(ref _typing);
        var typed = e.Value?.ToString()?.Trim();
        try
        {
            await Task.Delay(Settle, Page.Time, typing);
            Navigation.NavigateTo((_view with { Q = string.IsNullOrEmpty(typed) ? null : typed, Page = 1 }).ToAddress(), replace: true);
        }
        catch (OperationCanceledException) when (typing.IsCancellationRequested)
        {
            // Something newer was typed.
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

        _view = TenantListView.Parse(address);
        Selection.ShowsView(_view);
        _ = InvokeAsync(async () =>
        {
            try
            {
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
        var reading = Newest(ref _reading);
        try
        {
            var page = await Search.SearchAsync(_actor!, _view.ToQuery(), reading);
            if (!reading.IsCancellationRequested)
            {
                _page = page;
                _changes.Clear();
                Trail.Remember(_view.ToAddress(), [.. page.Items.Select(item => item.Id)]);
            }
        }
        catch (OperationCanceledException) when (reading.IsCancellationRequested)
        {
            // A newer view is being read.
            return;
        }
    }

    private async Task OnChangedAsync(ChangeSet changes)
    {
        if (_page is null || _actor is null)
        {
            return;
        }

        if (!_hand && !Page.IsDialogOpen && Selection.Count == 0)
        {
            await ReloadAsync();
            return;
        }

        var now = await Search.FindAsync(_actor, [.. _page.Items.Select(item => item.Id)], Ending);
        _changes.UnionWith(changes.Ids.Where(id => !now.ContainsKey(int.Parse(id, CultureInfo.InvariantCulture))));
        _page = _page with { Items = [.. _page.Items.Select(item => now.GetValueOrDefault(item.Id, item))] };
    }
}
