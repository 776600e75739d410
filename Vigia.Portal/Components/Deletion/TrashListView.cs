using Microsoft.AspNetCore.WebUtilities;
using Vigia.Core.Registry.Master;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Deletion;

/// <summary>The page of the trash that its address asks for.</summary>
/// <param name="Place">The tenant beside which the page begins; null to find the page by its number.</param>
internal sealed record TrashListView(int Page, ListPlace<int>? Place)
{
    public const int PageSize = 50;

    /// <summary>Reads an address. Unknown values are ignored.</summary>
    public static TrashListView Parse(Uri address)
    {
        var query = QueryHelpers.ParseQuery(address.Query);
        string? Text(string name) => query.TryGetValue(name, out var value) ? value.ToString() : null;
        return new TrashListView(
            ListTurns.ParsePage(Text("pagina")), ListTurns.ParsePlace<int>(Text("tras"), Text("antes")));
    }

    public string ToAddress() => QueryHelpers.AddQueryString(
        PortalUrls.Trash, ListTurns.Address(Page, Place).Where(p => p.Value is not null));
}
