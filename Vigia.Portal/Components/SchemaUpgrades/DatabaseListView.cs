using Microsoft.AspNetCore.WebUtilities;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Registry.Master;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.SchemaUpgrades;

/// <summary>The view of the list of databases as its address, so that a link and the Back button restore it.</summary>
public sealed record DatabaseListView
{
    public const int PageSize = 20;

    private static readonly Dictionary<SchemaStanding, string> Words = new()
    {
        [SchemaStanding.Behind] = "atrasadas", [SchemaStanding.Current] = "al-dia",
        [SchemaStanding.Newer] = "mas-nuevas",
    };

    public SchemaStanding? Standing { get; init; }

    public string? Q { get; init; }

    /// <summary>The number of the page. A new number forgets the place.</summary>
    public int Page
    {
        get;
        init => (field, Place) = (value, null);
    } = 1;

    /// <summary>The row beside which the page begins; null to find the page by its number.</summary>
    public ListPlace<int>? Place { get; init; }

    public bool IsFiltered => Standing is not null || Q is not null;

    /// <summary>Reads an address. Unknown values are ignored.</summary>
    public static DatabaseListView Parse(Uri address)
    {
        var query = QueryHelpers.ParseQuery(address.Query);
        string? Text(string name) =>
            query.TryGetValue(name, out var value) && !string.IsNullOrWhiteSpace(value) ? value.ToString() : null;
        return new DatabaseListView
        {
            Standing = Words.Where(w => w.Value == Text("esquema")).Select(w => (SchemaStanding?)w.Key)
                .FirstOrDefault(),
            Q = Text("q"),
            Page = ListTurns.ParsePage(Text("pagina")),
            Place = ListTurns.ParsePlace<int>(Text("tras"), Text("antes")),
        };
    }

    public string ToAddress()
    {
        var query = new Dictionary<string, string?>
        {
            ["esquema"] = Standing is { } standing ? Words[standing] : null,
            ["q"] = Q,
        };
        return QueryHelpers.AddQueryString(
            PortalUrls.Databases, query.Concat(ListTurns.Address(Page, Place)).Where(p => p.Value is not null));
    }

    /// <summary>The same view, at another page than the one that is shown.</summary>
    public DatabaseListView Turned(ListTurn turn, DatabasePage shown)
    {
        var (page, place) = ListTurns.To(turn, shown, row => row.TenantId);
        return this with { Page = page, Place = place };
    }

    public SchemaQuery ToQuery() =>
        new() { Standing = Standing, Q = Q, Page = Page, Place = Place, PageSize = PageSize };
}
