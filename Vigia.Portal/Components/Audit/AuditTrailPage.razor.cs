using System.Globalization;
using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Feed;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Audit;

/// <summary>
/// The audit trail: who did what to whom, when and why. Rows never move by themselves. A pill shows how many records
/// were added since.
/// </summary>
public sealed partial class AuditTrailPage(
    PageFeed feed, StaffSession session, AuditReader reader, BrowserCalls browser, AuditSentences sentences)
    : LiveComponent(feed)
{
    private IReadOnlyDictionary<Guid, string> _actors = new Dictionary<Guid, string>();
    private readonly LatestRead _reading = new();
    private AuditListView _view = new();
    private AuditListView? _shown;

    // The view of the last read. The answer to it may still be on its way.
    private AuditListView? _asked;
    private DayEntry _from;
    private DayEntry _to;
    private AuditPage? _page;
    private Actor? _actor;
    private bool _verifying;
    private int _new;

    // Declared only so that a new address sets the parameters again. AuditListView reads the whole address.
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

    [SupplyParameterFromQuery(Name = "tras")]
    private string? After { get; set; }

    [SupplyParameterFromQuery(Name = "antes")]
    private string? Before { get; set; }

    [SupplyParameterFromQuery(Name = "nombre")]
    private string? TenantName { get; set; }

    [SupplyParameterFromQuery(Name = "cliente")]
    private string? TenantId { get; set; }

    [SupplyParameterFromQuery(Name = "operacion")]
    private string? Operation { get; set; }

    [SupplyParameterFromQuery(Name = "texto")]
    private string? Text { get; set; }

    protected override async Task OnInitializedAsync()
    {
        // Set before the first await: print and export are links, and a quick click must not export more than the
        // address asks for.
        _view = AuditListView.Parse(browser.Address);
        _actor = await session.ActorAsync();
        _actors = await reader.ActorsAsync(_actor, Ending);
        await FollowSharedAsync(() => _page is null ? ShowAddressAsync() : CountNewAsync(), ChangeTopic.Audit);
    }

    // Also before the first answer has come: it may be that of an address that the person has left.
    protected override Task OnParametersSetAsync() => _actor is null ? Task.CompletedTask : ShowAddressAsync();

    private static string? Chosen(ChangeEventArgs e) => e.Value?.ToString() is { Length: > 0 } text ? text : null;

    private string NameOf(int tenant) => _page?.Names.GetValueOrDefault(tenant) ?? $"#{tenant}";

    // While the text of a field is not a date, the list keeps the day that it had.
    private void ShowDays()
    {
        var view = _view with
        {
            From = _from.IsUnreadable ? _view.From : _from.Day,
            To = _to.IsUnreadable ? _view.To : _to.Day,
        };
        if (view != _view)
        {
            Show(view);
        }
    }

    private void ShowTenant(TenantChoice chosen) =>
        Show(_view with { TenantId = chosen.Id, Tenant = chosen.Id is null ? chosen.Text : null });

    private void Show(AuditListView view) => browser.GoTo((view with { Page = 1 }).ToAddress());

    private async Task ShowAddressAsync()
    {
        _view = AuditListView.Parse(browser.Address);
        if (_view != _asked)
        {
            // Another filter leaves a text that is not a date where it is.
            _from = _from.IsUnreadable && _view.IsFiltered && _view.From == _shown?.From ? _from : _view.From;
            _to = _to.IsUnreadable && _view.IsFiltered && _view.To == _shown?.To ? _to : _view.To;
            await ReloadAsync();
        }
    }

    private async Task ReloadAsync()
    {
        var asked = _asked = _view;
        await ReadAsync(
            _reading, asked, (view, until) =>
                reader.ListAsync(
                    _actor!, view.ToFilter(sentences) with { IsFolded = true }, view.Page, AuditListView.PageSize,
                    until, view.Place),
            page => (_page, _shown, _new) = (page, asked, 0));
    }

    // Waits for a page that is being read, because the record may have come after its snapshot.
    private Task CountNewAsync() => ReadAsync(
        _reading, _view,
        async (view, until) => _page is { } page && view == _shown
            ? await Feed.SharedAsync(
                _actor!,
                new SharedQuestion(
                    "audit:new", (view with { Page = 1 }, page.Head.Seq, CultureInfo.CurrentUICulture.Name),
                    ChangeTopic.Audit),
                reading => reader.CountAsync(_actor!, view.ToFilter(sentences), page.Head.Seq, reading), until)
            : 0,
        added => _new = added);
}
