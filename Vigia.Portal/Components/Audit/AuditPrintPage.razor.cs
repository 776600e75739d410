using System.Globalization;
using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Registry.Audit;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;
using Vigia.Portal.Components.Transport;

namespace Vigia.Portal.Components.Audit;

/// <summary>
/// The audit trail for printing, for auditors: each record as a sentence, oldest first, with the filters, both times
/// and the head of the audit chain.
/// </summary>
public sealed partial class AuditPrintPage(AuditReader reader, TimeProvider time, AuditSentences sentences)
{
    /// <summary>The most records on paper. The exported files contain all of them.</summary>
    private const int Most = 5000;

    private readonly List<AuditEvent> _records = [];
    private IReadOnlyDictionary<int, string> _names = new Dictionary<int, string>();
    private AuditListView _view = new();
    private AuditHeadMark? _head;
    private Actor? _actor;
    private DateTimeOffset _now;
    private string? _who;
    private AuditPage? _first;
    private bool _isCut;

    [CascadingParameter]
    private HttpContext HttpContext { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        // Printing is recorded, so a request for the headers alone does not read.
        if (HeadRequests.IsHead(HttpContext))
        {
            return;
        }

        var cancellationToken = HttpContext.RequestAborted;
        _now = time.GetUtcNow();
        _actor = StaffSession.ActorOf(HttpContext.User, HttpContext.Connection.RemoteIpAddress?.ToString());
        _view = AuditListView.Parse(HttpContext.Request.Query.ToDictionary(p => p.Key, p => p.Value));
        _who = Guid.TryParse(_view.Actor, out var id) ? (await reader.ActorsAsync(_actor, cancellationToken))
            .GetValueOrDefault(id, _view.Actor) : _view.Actor;
        var filter = _view.ToFilter(sentences);
        var first = await reader.ListAsync(_actor, filter, 1, 1, cancellationToken);

        // The printout ends at the head that was read first. The record about the print itself comes after it.
        _head = first.Head;
        filter = filter with { UpTo = first.Head.Seq };
        await using var records = reader.ExportAsync(_actor, filter, "print", cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        var isMore = await records.MoveNextAsync();
        _first = first;
        for (; isMore && _records.Count < Most; isMore = await records.MoveNextAsync())
        {
            _records.Add(records.Current);
        }

        _isCut = isMore;

        _names = await reader.NamesAsync(_actor, _records, _view.TenantId, cancellationToken);
    }

    // A filter by text was counted in a part of the trail only.
    private string Total => _first is { TotalIsExact: true } ? ListTurns.Number(_first.Total)
        : Texts["MoreThan", ListTurns.Number(Math.Max(_first!.Total, _records.Count))];

    private static string Utc(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string? Day(DateOnly? day) => day is { } known ? LimaTime.Date(known) : null;

    private IEnumerable<string> Filters()
    {
        (string Key, string? Value)[] all =
        [
            ("From", Day(_view.From)), ("To", Day(_view.To)), ("Who", _who),
            ("What", _view.Action is { } action ? sentences.Name(action) : null),
            ("Tenant", _view.TenantId is { } tenant ? _names.GetValueOrDefault(tenant, $"#{tenant}") : null),
            ("WhoseName", _view.Tenant), ("Text", _view.Text),
            ("Operation", _view.OperationId?.ToString()), ("Trace", _view.TraceId),
            ("SignedOnly", _view.SignedOnly ? T["Yes"].Value : null),
        ];
        foreach (var (key, value) in all.Where(f => f.Value is not null).DefaultIfEmpty(("NoFilters", null)))
        {
            yield return value is null ? T[key].Value : $"{T[key].Value}: {value}";
        }
    }
}
