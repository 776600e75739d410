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
    ChangeFeed feed, StaffSession session, SchemaOverview fleet, NavigationManager navigation, PageDialogs dialogs)
    : LiveComponent(feed)
{
    private DatabaseListView _view = new();
    private readonly LatestRead _reading = new();
    private readonly LatestRead _counting = new();
    private DatabaseListView? _shown;
    private SchemaFigures? _figures;
    private DatabasePage? _page;
    private Actor? _actor;
    private Guid? _upgrade;
    private int _changes;
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
        Watch(ChangeTopic.Tenants, OnChangedAsync);
        Watch(ChangeTopic.Operations, _ => CountAsync());
        await ShowAddressAsync();
    }

    protected override Task OnParametersSetAsync() => _actor is null ? Task.CompletedTask : ShowAddressAsync();

    private static string Number(int count) => count.ToString("N0", CultureInfo.CurrentCulture);

    private static string? Typed(ChangeEventArgs e) =>
        e.Value?.ToString()?.Trim() is { Length: > 0 } text ? text : null;

    private void Show(DatabaseListView view) => navigation.NavigateTo(view.ToAddress());

    private async Task ShowAddressAsync()
    {
        _view = DatabaseListView.Parse(new Uri(navigation.Uri));
        if (_view != _shown)
        {
            _inUse = false;
            await ReloadAsync();
        }
    }

    private async Task ReloadAsync()
    {
        var asked = _view;
        await CountAsync();
        if (_view != asked)
        {
            // The figures came late: another list was requested meanwhile, and its answer may already be shown.
            return;
        }

        await ReadAsync(
            _reading, asked, (view, until) => fleet.ListAsync(_actor!, view.ToQuery(), until),
            page => (_page, _shown, _changes) = (page, asked, 0));
    }

    // An upgrade that the person saw running stays on the page with its results after it has ended.
    private Task CountAsync() => ReadAsync(
        _counting, until => fleet.CountAsync(_actor!, until),
        figures => (_figures, _upgrade) = (figures, figures.Upgrade ?? _upgrade));

    private async Task OnChangedAsync(ChangeSet changes)
    {
        if (_page is null || _view != _shown || (!_inUse && !dialogs.IsOpen))
        {
            await ReloadAsync();
            return;
        }

        var (rows, asked) = (_page.Items, _view);
        await CountAsync();
        if (_view != asked)
        {
            return;
        }

        await ReadAsync(
            _reading, _view,
            async (view, until) => (
                Now: await fleet.ListAsync(_actor!, view.ToQuery(), until),
                Rows: await fleet.FindAsync(_actor!, [.. rows.Select(d => d.TenantId)], until)),
            answer =>
            {
                var (here, there) =
                    (rows.Select(d => d.TenantId).ToHashSet(), answer.Now.Items.Select(d => d.TenantId));
                here.SymmetricExceptWith(there);
                _changes = here.Count;
                _page = _page with { Items = [.. rows.Select(d => answer.Rows.GetValueOrDefault(d.TenantId, d))] };
            });
    }
}
