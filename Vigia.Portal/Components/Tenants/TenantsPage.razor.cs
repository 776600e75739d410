using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
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
    PageFeed feed, StaffSession session, TenantSearch search, PlanCatalog plans, TenantListOrigin origin,
    TenantSelection selection, NavigationManager navigation, PageDialogs dialogs, BrowserCalls browser,
    TimeProvider time)
    : LiveComponent(feed)
{
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(250);

    private static readonly IReadOnlyList<TenantStatus> Statuses =
    [
        TenantStatus.Active, TenantStatus.Suspended, TenantStatus.Expired, TenantStatus.Provisioning,
        TenantStatus.Failed, TenantStatus.Registered, TenantStatus.Deleting, TenantStatus.DatabaseMissing,
        TenantStatus.Unreachable, TenantStatus.Withdrawn,
    ];

    private readonly LiveRows _rows = new();
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

    // Rows neither move nor appear nor disappear while the person uses the list.
    private bool IsHeld => _page is { Items.Count: > 0 } && _view == _shown
        && (_inUse || dialogs.IsOpen || selection.Count > 0);

    private bool MayChoose => _actor?.May(TenantAction.Suspend.Right) == true;

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
        _view = TenantListView.Parse(browser.Address);
        selection.ShowsView(_view);
        navigation.LocationChanged += OnLocationChanged;
        _actor = await session.ActorAsync();
        _plans = await plans.ListAsync(_actor, Ending);
        await FollowAsync(
            new ChangeInterest(ChangeTopic.Tenants) { Urgency = _rows.UrgencyOf }, OnChangedAsync);
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender && _view.Q is { } typed)
        {
            browser.Send("vigia.setValue", "list-search", typed);
        }
    }

    private static string? Chosen(ChangeEventArgs e) => e.Value?.ToString() is { Length: > 0 } text ? text : null;

    private string StatusText(TenantStatus status) =>
        status == TenantStatus.Withdrawn ? T["Filter_withdrawn"] : Shared[StateLook.Tenant(status).TextKey];

    private void Show(TenantListView view) => browser.GoTo(view.ToAddress());

    // Applies the changes that were held back.
    private Task ClearSelectionAsync()
    {
        selection.Clear();
        return ReloadAsync();
    }

    private void Clear()
    {
        browser.Send("vigia.setValue", "list-search", "");
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
                browser.GoTo((_view with { Q = typed, Page = 1 }).ToAddress(), replace: true);
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
                    browser.Send("vigia.setValue", "list-search", _view.Q ?? "");
                }

                // Before the person is known, the first read is still to come, and reads this address.
                if (_actor is not null)
                {
                    await KeepReadingAsync(ReloadAsync);
                    StateHasChanged();
                }
            }
            catch (Exception exception)
            {
                await DispatchExceptionAsync(exception);
            }
        });
    }

    private Task ReloadAsync() => ReadAsync(
        _reading, _view, (view, until) => search.SearchAsync(_actor!, view.ToQuery(), until), Show);

    private void Show(TenantPage page)
    {
        (_page, _shown) = (page, _view);
        _rows.Show(page.Items.Select(item => item.Id));
        origin.Remember(_view.ToAddress(), [.. page.Items.Select(item => item.Id)]);
    }

    private Task OnChangedAsync(ChangeSet changes) => ReadAsync(
        _reading, _view, (view, until) => ReadChangedAsync(view, changes, until),
        read =>
        {
            if (read.Page is { } page && !IsHeld)
            {
                Show(page);
                return;
            }

            if (read.Page is { } now)
            {
                _rows.Compare(now.Items.Select(item => item.Id));
            }

            var rows = read.Rows ?? read.Page?.Items.ToDictionary(item => item.Id);
            _page = rows is null ? _page : _page! with
            {
                Items = [.. _page.Items.Select(item => rows.GetValueOrDefault(item.Id, item))],
            };
        });

    // The page is read again only when a change names one of its rows, or when the cheap total has become another one.
    // A total that is not exact never does, so such a list is read, at most once a second.
    // Pages that show the same read it together.
    private async Task<(TenantPage? Page, IReadOnlyDictionary<int, TenantView>? Rows)> ReadChangedAsync(
        TenantListView view, ChangeSet changes, CancellationToken until)
    {
        if (_page is null || view != _shown)
        {
            return (await search.SearchAsync(_actor!, view.ToQuery(), until), null);
        }

        var (isNamed, isHeld, ids) = (_rows.AreNamedBy(changes), IsHeld, _page.Items.Select(item => item.Id).ToList());
        var isWhole = changes.Everything || (isNamed && !isHeld) || !_page.TotalIsExact || await Feed.SharedAsync(
            _actor!, new SharedQuestion("tenants:count", view.Filter, ChangeTopic.Tenants),
            reading => search.CountAsync(_actor!, view.ToQuery(), reading), until) != _page.Total;
        return (
            isWhole ? await SharedAsync(
                "tenants:page", view, reading => search.SearchAsync(_actor!, view.ToQuery(), reading), until) : null,
            isNamed && isHeld ? await SharedAsync(
                "tenants:rows", string.Join(',', ids), reading => search.FindAsync(_actor!, ids, reading), until)
                : null);
    }

    private Task<TAnswer> SharedAsync<TAnswer>(
        string name, object subject, Func<CancellationToken, Task<TAnswer>> read, CancellationToken until) =>
        Feed.SharedAsync(
            _actor!, new SharedQuestion(name, subject, ChangeTopic.Tenants) { AtMostEvery = Feed.Pace }, read, until);
}
