using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Audit;

/// <summary>
/// The view of the audit trail as its address, so that a link restores it. Days are days in Lima, both inclusive.
/// </summary>
public sealed record AuditListView
{
    public const int PageSize = 50;

    public string? Actor { get; init; }
    public string? Action { get; init; }
    public int? TenantId { get; init; }
    public Guid? OperationId { get; init; }
    public string? TraceId { get; init; }
    public DateOnly? From { get; init; }
    public DateOnly? To { get; init; }
    public bool SignedOnly { get; init; }
    /// <summary>The number of the page. A new number forgets the place.</summary>
    public int Page
    {
        get;
        init => (field, Place) = (value, null);
    } = 1;

    /// <summary>The row beside which the page begins; null to find the page by its number.</summary>
    public ListPlace<long>? Place { get; init; }

    /// <summary>Text that finds tenants by name, RUC, sub-domain or e-mail.</summary>
    public string? Tenant { get; init; }

    /// <summary>Words to find in the records.</summary>
    public string? Text { get; init; }

    /// <summary>The number of filters that are set in the form.</summary>
    public int FilterCount =>
        new object?[] { From, To, Actor, (object?)TenantId ?? Tenant, Action, Text, SignedOnly ? SignedOnly : null }
            .Count(set => set is not null);

    public bool IsFiltered => this with { Page = 1 } != new AuditListView();

    /// <summary>Reads an address. Unknown values are ignored.</summary>
    public static AuditListView Parse(Uri address) => Parse(QueryHelpers.ParseQuery(address.Query));

    public static AuditListView Parse(IDictionary<string, Microsoft.Extensions.Primitives.StringValues> query)
    {
        string? Value(string name) =>
            query.TryGetValue(name, out var value)
            && !string.IsNullOrWhiteSpace(value) ? value.ToString().Trim() : null;
        int? Number(string name) =>
            int.TryParse(Value(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number > 0 ? number : null;
        DateOnly? Day(string name) =>
            DateOnly.TryParseExact(
            Value(name), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            && day.Year is > 1 and < 9999 ? day : null;
        return new AuditListView
        {
            Actor = Value("quien"),
            Action = Value("accion"),
            TenantId = Number("cliente"),
            OperationId = Guid.TryParse(Value("operacion"), out var operation) ? operation : null,
            TraceId = Value("traza"),
            From = Day("desde"),
            To = Day("hasta"),
            SignedOnly = Value("firmados") == "1",
            Page = ListTurns.ParsePage(Value("pagina")),
            Place = ListTurns.ParsePlace<long>(Value("tras"), Value("antes")),
            Tenant = Value("nombre"),
            Text = Value("texto"),
        };
    }

    public string ToAddress(string path = PortalUrls.Audit)
    {
        var query = new Dictionary<string, string?>
        {
            ["quien"] = Actor,
            ["accion"] = Action,
            ["cliente"] = TenantId?.ToString(CultureInfo.InvariantCulture),
            ["operacion"] = OperationId?.ToString(),
            ["traza"] = TraceId,
            ["desde"] = Iso(From),
            ["hasta"] = Iso(To),
            ["firmados"] = SignedOnly ? "1" : null,
            ["nombre"] = Tenant,
            ["texto"] = Text,
        };
        return QueryHelpers.AddQueryString(
            path, query.Concat(ListTurns.Address(Page, Place)).Where(p => p.Value is not null));
    }

    /// <summary>The same view, at another page than the one that is shown.</summary>
    public AuditListView Turned(ListTurn turn, AuditPage shown)
    {
        var (page, place) = ListTurns.To(turn, shown, record => record.Seq);
        return this with { Page = page, Place = place };
    }

    /// <summary>The filter. The sentences say which actions a word of the text means.</summary>
    public AuditFilter ToFilter(AuditSentences sentences) => new()
    {
        Actor = Actor,
        Action = Action,
        Tenant = Tenant,
        TenantId = TenantId,
        OperationId = OperationId,
        TraceId = TraceId,
        From = From is { } from ? Start(from) : null,
        To = To is { } to ? Start(to.AddDays(1)) : null,
        SignedOnly = SignedOnly,
        Words = AuditFilter.WordsOf(Text, sentences.ActionsWith),
    };

    public static string? Iso(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static DateTimeOffset Start(DateOnly day) => LimaTime.At(day.ToDateTime(TimeOnly.MinValue));
}
