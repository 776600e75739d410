using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Vigia.Core.Lifecycle.SchemaUpgrades;

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

    public int Page { get; init; } = 1;

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
            Page = int.TryParse(Text("pagina"), NumberStyles.None, CultureInfo.InvariantCulture, out var page)
                && page > 0 ? page : 1,
        };
    }

    public string ToAddress()
    {
        var query = new Dictionary<string, string?>
        {
            ["esquema"] = Standing is { } standing ? Words[standing] : null,
            ["q"] = Q,
            ["pagina"] = Page == 1 ? null : Page.ToString(CultureInfo.InvariantCulture),
        };
        return QueryHelpers.AddQueryString(PortalUrls.Databases, query.Where(p => p.Value is not null));
    }

    public SchemaQuery ToQuery() => new() { Standing = Standing, Q = Q, Page = Page, PageSize = PageSize };
}
