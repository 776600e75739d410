using System.Globalization;
using Microsoft.AspNetCore.Components;
using Vigia.Core.Feed;
using Vigia.Core.Fleet;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Account;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Databases;

/// <summary>
/// Every client's database: which schema it has, which ones are behind this portal, and bringing them up. Values change in place; rows come and go only while
/// nobody's hand is in the list.
/// </summary>
public sealed partial class DatabasesPage
{
    private DatabaseListView _view = new();
    private DatabaseListView? _shown;
    private SchemaFigures? _figures;
    private DatabasePage? _page;
    private Actor? _actor;
    private Guid? _upgrade;
    private int _changes;
    private bool _hand;

    [Inject]
    private StaffSession Session { get; set; } = default!;

    [Inject]
    private SchemaFleet Fleet { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    // Only so that a new address sets the parameters again; DatabaseListView reads the whole of it.
    [SupplyParameterFromQuery(Name = "esquema")]
    private string? Standing { get; set; }

    [SupplyParameterFromQuery(Name = "q")]
    private string? Q { get; set; }

    [SupplyParameterFromQuery(Name = "pagina")]
    private string? PageNumber { get; set; }

    private int First => ((_page!.Page - 1) * _page.PageSize) + 1;

    private string EmptyKey => _view is { Standing: SchemaStanding.Behind, Q: null, Page: 1 } ? "NoneBehind" : "NothingFound";

    private IEnumerable<(SchemaStanding Standing, int Count)> Counts =>
    [
        (SchemaStanding.Behind, _figures!.Behind), (SchemaStanding.Current, _figures.Total - _figures.Behind - _figures.Newer), (SchemaStanding.Newer, _figures.Newer),
    ];

    protected override async Task OnInitializedAsync()
    {
        _actor = await Session.ActorAsync();
        Watch(ChangeTopic.Tenants, OnChangedAsync);
        Watch(ChangeTopic.Operations, _ => CountAsync());
        await ShowAddressAsync();
    }

    protected override Task OnParametersSetAsync() => _actor is null ? Task.CompletedTask : ShowAddressAsync();

    private static string Number(int count) => count.ToString("N0", CultureInfo.CurrentCulture);

    private static string? Typed(ChangeEventArgs e) => e.Value?.ToString()?.Trim() is { Length: > 0 } text ? text : null;

    private void Show(DatabaseListView view) => Navigation.NavigateTo(view.ToAddress());

    private async Task ShowAddressAsync()
    {
        _view = DatabaseListView.Parse(new Uri(Navigation.Uri));
        if (_view != _shown)
        {
            _hand = false;
            await ReloadAsync();
        }
    }

    private async Task ReloadAsync()
    {
        var view = _view;
        var page = await Fleet.ListAsync(_actor!, view.ToQuery(), Ending);
        await CountAsync();
        if (view == _view)
        {
            (_page, _shown, _changes) = (page, view, 0);
        }
    }

    // The one that was seen at work stays, with its results, when it is over.
    private async Task CountAsync()
    {
        _figures = await Fleet.CountAsync(_actor!, Ending);
        _upgrade = _figures.Upgrade ?? _upgrade;
    }

    private async Task OnChangedAsync(ChangeSet changes)
    {
        if (_page is null || (!_hand && !Page.IsDialogOpen))
        {
            await ReloadAsync();
            return;
        }

        var view = _view;
        await CountAsync();
        var now = await Fleet.ListAsync(_actor!, view.ToQuery(), Ending);
        var shown = await Fleet.FindAsync(_actor!, [.. _page.Items.Select(d => d.TenantId)], Ending);
        if (view == _shown)
        {
            var (here, there) = (_page.Items.Select(d => d.TenantId).ToHashSet(), now.Items.Select(d => d.TenantId).ToHashSet());
            here.SymmetricExceptWith(there);
            (_changes, _page) = (here.Count, _page with { Items = [.. _page.Items.Select(d => shown.GetValueOrDefault(d.TenantId, d))] });
        }
    }
}
