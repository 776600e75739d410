using Microsoft.AspNetCore.WebUtilities;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Operations;

/// <summary>The view of the list of operations as its address, so that a link and the Back button restore it.</summary>
public sealed record OperationListView
{
    public const int PageSize = 20;

    public OperationState? State { get; init; }
    public string? Kind { get; init; }

    /// <summary>
    /// Whether to include maintenance operations that succeeded. One runs every hour, and nobody looks for them.
    /// </summary>
    public bool Routine { get; init; }
    /// <summary>The number of the page. A new number forgets the place.</summary>
    public int Page
    {
        get;
        init => (field, Place) = (value, null);
    } = 1;

    /// <summary>The row beside which the page begins; null to find the page by its number.</summary>
    public ListPlace<Guid>? Place { get; init; }

    /// <summary>The number of filters that are set besides the state.</summary>
    public int FilterCount => (Kind is null ? 0 : 1) + (Routine ? 1 : 0);

    public bool IsFiltered => State is not null || Kind is not null;

    /// <summary>Reads an address. Unknown values are ignored.</summary>
    public static OperationListView Parse(Uri address)
    {
        var query = QueryHelpers.ParseQuery(address.Query);
        string? Text(string name) =>
            query.TryGetValue(name, out var value) && !string.IsNullOrWhiteSpace(value) ? value.ToString() : null;
        return new OperationListView
        {
            State = Enum.TryParse<OperationState>(Text("estado"), ignoreCase: true, out var state)
                && Enum.IsDefined(state) ? state : null,
            Kind = Text("tipo"),
            Routine = Text("rutina") == "1",
            Page = ListTurns.ParsePage(Text("pagina")),
            Place = ListTurns.ParsePlace<Guid>(Text("tras"), Text("antes")),
        };
    }

    public string ToAddress()
    {
        var query = new Dictionary<string, string?>
        {
            ["estado"] = State is { } state ? PortalUrls.Code(state) : null,
            ["tipo"] = Kind,
            ["rutina"] = Routine ? "1" : null,
        };
        return QueryHelpers.AddQueryString(
            PortalUrls.Operations, query.Concat(ListTurns.Address(Page, Place)).Where(p => p.Value is not null));
    }

    /// <summary>The same view, at another page than the one that is shown.</summary>
    public OperationListView Turned(ListTurn turn, OperationPage shown)
    {
        var (page, place) = ListTurns.To(turn, shown, operation => operation.Id);
        return this with { Page = page, Place = place };
    }

    public OperationQuery ToQuery() => new()
    {
        // An operation that is being cancelled is still running.
        States = State switch
        {
            null => null,
            OperationState.Running => [OperationState.Running, OperationState.Cancelling], { } state => [state]
        },
        Kind = OperationKind.OfFilter(Kind),
        HideRoutine = !Routine && !IsFiltered,
        Page = Page,
        Place = Place,
        PageSize = PageSize,
        WithNames = true,
    };
}
