using System.Globalization;
using Microsoft.AspNetCore.Components;
using Vigia.Core.Audit;
using Vigia.Core.Feed;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Account;

namespace Vigia.Portal.Components.Audit;

/// <summary>Who did what to whom, when and why. Rows never move by themselves: a pill says how many records came since.</summary>
public sealed partial class AuditTrailPage
{
    private IReadOnlyDictionary<Guid, string> _actors = new Dictionary<Guid, string>();
    private AuditListView _view = new();
    private AuditListView? _shown;
    private AuditPage? _page;
    private Actor? _actor;
    private bool _verifying;
    private int _new;

    [Inject]
    private StaffSession Session { get; set; } = default!;

    [Inject]
    private AuditReader Reader { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    // Only so that a new address sets the parameters again; AuditListView reads the whole of it.
    [SupplyParameterFromQuery(Name = "quien")]
    private string? Who { get; set; }

    [SupplyParameterFromQuery(Name = "accion")]
    private string? What { get; set; }

    [SupplyParameterFromQuery(Name = "desde")]
    private string? FromDay { get; set; }

    [SupplyParameterFromQuery(Name = "hasta")]
    private string? ToDay { get; set; }

    [SupplyParameterFromQuery(Name = "firmados")]
    private string? Signed { get; set; }

    [SupplyParameterFromQuery(Name = "pagina")]
    private string? Number { get; set; }

    private int First => ((_page!.Page - 1) * _page.PageSize) + 1;

    protected override async Task OnInitializedAsync()
    {
        // Before anything is waited for: print and export are links, and who is quick must not get more than the address asks for.
        _view = AuditListView.Parse(new Uri(Navigation.Uri));
        _actor = await Session.ActorAsync();
        _actors = await Reader.ActorsAsync(_actor, Ending);
        Watch(ChangeTopic.Operations, _ => CountNewAsync());
        Watch(ChangeTopic.Tenants, _ => CountNewAsync());
        await ShowAddressAsync();
    }

    protected override Task OnParametersSetAsync() => _actor is null ? Task.CompletedTask : ShowAddressAsync();

    private static string? Chosen(ChangeEventArgs e) => e.Value?.ToString() is { Length: > 0 } text ? text : null;

    private static DateOnly? Day(ChangeEventArgs e) => DateOnly.TryParseExact(Chosen(e), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    private void Show(AuditListView view) => Navigation.NavigateTo((view with { Page = 1 }).ToAddress());

    private async Task ShowAddressAsync()
    {
        _view = AuditListView.Parse(new Uri(Navigation.Uri));
        if (_view != _shown)
        {
            await ReloadAsync();
        }
    }

    private async Task ReloadAsync()
    {
        var view = _view;
        var page = await Reader.ListAsync(_actor!, view.ToFilter(), view.Page, AuditListView.PageSize, Ending);
        if (view == _view)
        {
            (_page, _shown, _new) = (page, view, 0);
        }
    }

    private async Task CountNewAsync()
    {
        if (_page is { } page && _view == _shown)
        {
            var now = await Reader.ListAsync(_actor!, _view.ToFilter(), 1, 1, Ending);
            _new = Math.Max(0, now.Total - page.Total);
        }
    }
}
