using System.Globalization;
using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Registry.Feed;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.SchemaUpgrades;

/// <summary>
/// All tenant databases with their schema versions, and the button to upgrade those that are behind. Values are updated
/// in place. Rows are added and removed only while the pointer and the focus are outside the list.
/// </summary>
public sealed partial class DatabasesPage(
    PageFeed feed, StaffSession session, SchemaOverview fleet, BrowserCalls browser, PageDialogs dialogs)
    : LiveComponent(feed)
{
    private DatabaseListView _view = new();
    private readonly LatestRead _reading = new();
    private readonly LatestRead _counting = new();
    private DatabaseListView? _shown;

    // The view of the last read. The answer to it may still be on its way.
    private DatabaseListView? _asked;
    private SchemaFigures? _figures;
    private DatabasePage? _page;
    private Actor? _actor;
    private Guid? _upgrade;
    private readonly LiveRows _rows = new();
    private bool _inUse;

    // Declared only so that a new address sets the parameters again. DatabaseListView reads the whole address.
    [SupplyParameterFromQuery(Name = "esquema")]
    private string? Standing { get; set; }

    [SupplyParameterFromQuery(Name = "q")]
    private string? Q { get; set; }

    [SupplyParameterFromQuery(Name = "pagina")]
    private string? PageNumber { get; set; }

    [SupplyParameterFromQuery(Name = "tras")]
    private string? After { get; set; }

    [SupplyParameterFromQuery(Name = "antes")]
    private string? Before { get; set; }

    // Rows neither move nor appear nor disappear while the person uses the list.
    private bool IsHeld => _page is not null && _view == _shown && (_inUse || dialogs.IsOpen);

    private string EmptyKey =>
        _view is { Standing: SchemaStanding.Behind, Q: null, Page: 1 } ? "NoneBehind" : "NothingFound";

    private IEnumerable<(SchemaStanding Standing, int Count)> Counts =>
    [
        (SchemaStanding.Behind, _figures!.Behind),
        (SchemaStanding.Current, _figures.Total - _figures.Behind - _figures.Newer),
        (SchemaStanding.Newer, _figures.Newer),
    ];

    protected override async Task OnInitializedAsync()
    {
        _actor = await session.ActorAsync();
        _view = DatabaseListView.Parse(browser.Address);
        await FollowAsync(
            new ChangeInterest(ChangeTopic.Tenants, ChangeTopic.Operations) { Urgency = _rows.UrgencyOf },
            OnChangedAsync);
    }

    // Also before the first answer has come: it may be that of an address that the person has left.
    protected override Task OnParametersSetAsync() => _actor is null ? Task.CompletedTask : ShowAddressAsync();

    private static string Number(int count) => count.ToString("N0", CultureInfo.CurrentCulture);

    // Of all databases, in per cent.
    private string Share(int count) =>
        (100.0 * count / Math.Max(1, _figures!.Total)).ToString("0.#", CultureInfo.InvariantCulture);

    private static string? Typed(ChangeEventArgs e) =>
        e.Value?.ToString()?.Trim() is { Length: > 0 } text ? text : null;

    private void Show(DatabaseListView view) => browser.GoTo(view.ToAddress());

    private async Task ShowAddressAsync()
    {
        _view = DatabaseListView.Parse(browser.Address);
        if (_view != _asked)
        {
            await ReloadAsync();
        }
    }

    private async Task ReloadAsync()
    {
        var asked = _asked = _view;
        await CountAsync();
        if (_view != asked)
        {
            // The figures came late: another list was requested meanwhile, and its answer may already be shown.
            return;
        }

        await ReadAsync(
            _reading, asked, (view, until) => fleet.ListAsync(_actor!, view.ToQuery(), until), Show);
    }

    private void Show(DatabasePage page)
    {
        (_page, _shown) = (page, _view);
        _rows.Show(page.Items.Select(d => d.TenantId));
    }

    // An upgrade that the person saw running stays on the page with its results after it has ended.
    private Task CountAsync() => ReadAsync(
        _counting,
        until => Feed.SharedAsync(
            _actor!, SchemaFiguresQuestion.Of, reading => fleet.CountAsync(_actor!, reading), until),
        figures => (_figures, _upgrade) = (figures, figures.Upgrade ?? _upgrade));

    // Operations concern the figures only. Pages that show the same read it together.
    private async Task OnChangedAsync(ChangeSet changes)
    {
        _asked = _view;
        await CountAsync();
        if (!changes.Concerns(ChangeTopic.Tenants))
        {
            return;
        }

        await ReadAsync(
            _reading, _view,
            async (view, until) => (
                Now: await SharedAsync(
                    "databases:page", view, reading => fleet.ListAsync(_actor!, view.ToQuery(), reading), until),
                Rows: await ReadRowsAsync(changes, until)),
            answer =>
            {
                if (!IsHeld)
                {
                    Show(answer.Now);
                    return;
                }

                _rows.Compare(answer.Now.Items.Select(d => d.TenantId));
                var now = answer.Rows ?? answer.Now.Items.ToDictionary(d => d.TenantId);
                _page = _page! with { Items = [.. _page.Items.Select(d => now.GetValueOrDefault(d.TenantId, d))] };
            });
    }

    private async Task<IReadOnlyDictionary<int, DatabaseRow>?> ReadRowsAsync(
        ChangeSet changes, CancellationToken until)
    {
        if (!IsHeld || !_rows.AreNamedBy(changes))
        {
            return null;
        }

        var ids = _page!.Items.Select(d => d.TenantId).ToList();
        return await SharedAsync(
            "databases:rows", string.Join(',', ids), reading => fleet.FindAsync(_actor!, ids, reading), until);
    }

    private Task<TAnswer> SharedAsync<TAnswer>(
        string name, object? subject, Func<CancellationToken, Task<TAnswer>> read, CancellationToken until) =>
        Feed.SharedAsync(
            _actor!, new SharedQuestion(name, subject, ChangeTopic.Tenants) { AtMostEvery = Feed.Pace }, read, until);
}
