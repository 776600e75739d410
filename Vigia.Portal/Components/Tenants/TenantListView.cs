using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>The view of the list as its address, so that a link and the Back button restore it.</summary>
public sealed record TenantListView
{
    public static readonly IReadOnlyList<int> PageSizes = [20, 50, 100, 200];

    private static readonly Dictionary<string, TenantOrder> Orders = new()
    {
        ["nombre"] = TenantOrder.LegalName,
        ["ruc"] = TenantOrder.Ruc,
        ["subdominio"] = TenantOrder.Subdomain,
        ["plan"] = TenantOrder.Plan,
        ["estado"] = TenantOrder.State,
        ["creado"] = TenantOrder.CreatedAt,
    };

    public string? Q { get; init; }
    public string? Plan { get; init; }
    public string? Environment { get; init; }
    public TenantStatus? Status { get; init; }

    /// <summary>Whether the portal manages the database. Null for both.</summary>
    public bool? IsManaged { get; init; }
    public TenantOrder Order { get; init; } = TenantOrder.LegalName;
    public bool Descending { get; init; }
    /// <summary>The number of the page. A new number forgets the place.</summary>
    public int Page
    {
        get;
        init => (field, Place) = (value, null);
    } = 1;

    /// <summary>The row beside which the page begins; null to find the page by its number.</summary>
    public ListPlace<int>? Place { get; init; }
    public int PageSize { get; init; } = 20;

    /// <summary>Whether a filter is set. The sort order is not a filter.</summary>
    public bool IsFiltered => Q is not null || Plan is not null || Environment is not null || Status is not null
        || IsManaged is not null;

    /// <summary>The number of filters that are set besides the search text.</summary>
    public int FilterCount => new object?[] { Plan, Environment, Status, IsManaged }.Count(set => set is not null);

    /// <summary>The filters as an address, without order and page. A selection is valid for one filter only.</summary>
    public string Filter => (this with { Page = 1, PageSize = 20, Order = default, Descending = false }).ToAddress();

    /// <summary>Reads an address. Unknown values are ignored.</summary>
    public static TenantListView Parse(Uri address) => Parse(QueryHelpers.ParseQuery(address.Query));

    public static TenantListView Parse(IDictionary<string, Microsoft.Extensions.Primitives.StringValues> query)
    {
        string? Text(string name) =>
            query.TryGetValue(name, out var value) && !string.IsNullOrWhiteSpace(value) ? value.ToString() : null;
        int Number(string name, int otherwise) =>
            int.TryParse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number > 0 ? number : otherwise;
        return new TenantListView
        {
            Q = Text("q"),
            Plan = Text("plan"),
            Environment = Text("entorno"),
            Status = TenantStatuses.Parse(Text("estado")),
            IsManaged = ParseManaged(Text("gestionado")),
            Order = Orders.GetValueOrDefault(Text("orden") ?? "", TenantOrder.LegalName),
            Descending = Text("desc") == "1",
            Page = ListTurns.ParsePage(Text("pagina")),
            Place = ListTurns.ParsePlace<int>(Text("tras"), Text("antes")),
            PageSize = PageSizes.Contains(Number("filas", 20)) ? Number("filas", 20) : 20,
        };
    }

    /// <summary>The filter by management in an address: <c>si</c>, <c>no</c>, or nothing.</summary>
    public static string? CodeOf(bool? managed) => managed switch { true => "si", false => "no", null => null };

    /// <summary>Reads what <see cref="CodeOf"/> has written.</summary>
    public static bool? ParseManaged(string? code) => code switch { "si" => true, "no" => false, _ => null };

    public string ToAddress(string path = PortalUrls.Tenants)
    {
        var query = new Dictionary<string, string?>
        {
            ["q"] = Q,
            ["plan"] = Plan,
            ["entorno"] = Environment,
            ["estado"] = Status is { } status ? TenantStatuses.CodeOf(status) : null,
            ["gestionado"] = CodeOf(IsManaged),
            ["orden"] = Order == TenantOrder.LegalName ? null : Orders.First(o => o.Value == Order).Key,
            ["desc"] = Descending ? "1" : null,
            ["filas"] = PageSize == 20 ? null : PageSize.ToString(CultureInfo.InvariantCulture),
        };
        return QueryHelpers.AddQueryString(
            path, query.Concat(ListTurns.Address(Page, Place)).Where(p => p.Value is not null));
    }

    public TenantQuery ToQuery() => new()
    {
        Q = Q, Plan = Plan, Environment = Environment, Status = Status, IsManaged = IsManaged, OrderBy = Order,
        Descending = Descending, Page = Page, Place = Place, PageSize = PageSize,
    };

    /// <summary>The same view, at another page than the one that is shown.</summary>
    public TenantListView Turned(ListTurn turn, TenantPage shown)
    {
        var (page, place) = ListTurns.To(turn, shown, tenant => tenant.Id);
        return this with { Page = page, Place = place };
    }

    /// <summary>The same view sorted by a column. Sorting by the same column again reverses the order.</summary>
    public TenantListView SortedBy(TenantOrder order) =>
        this with { Order = order, Descending = Order == order && !Descending, Page = 1 };
}
