using Vigia.Core.Registry.Master;

namespace Vigia.Core.Operations;

/// <summary>Selects the operations of a list.</summary>
public sealed record OperationQuery
{
    public int? TenantId { get; init; }

    /// <summary>With <see cref="TenantId"/>: includes operations on many tenants that changed this one.</summary>
    public bool WithMany { get; init; }
    public OperationKind? Kind { get; init; }
    public IReadOnlyList<OperationState>? States { get; init; }

    /// <summary>Whether to leave out the portal's own recurring work that succeeded.</summary>
    public bool HideRoutine { get; init; }

    /// <summary>The number of the page, from 1; from -1 downwards, counted from the end.</summary>
    public int Page { get; init; } = 1;
    public int PageSize { get; init; } = 20;

    /// <summary>Whether to fill <see cref="Operation.TenantName"/>.</summary>
    public bool WithNames { get; init; }

    /// <summary>Where the page begins, if it follows one that was just shown; null to pass over the rows before it.
    /// </summary>
    public ListPlace<Guid>? Place { get; init; }
}

/// <summary>A page of operations with their steps.</summary>
public sealed record OperationPage(IReadOnlyList<Operation> Items, int Total, int Page, int PageSize)
    : ListPage<Operation>(Items, Total, Page, PageSize);

/// <summary>A page of the results of an operation on many tenants.</summary>
/// <param name="Items">The results, failed ones first.</param>
/// <param name="Counts">
/// The number of tenants in each state, of the whole operation. Each is at most one more than
/// <see cref="ListTotal.Most"/>.
/// </param>
/// <param name="Total">The number of matching results.</param>
/// <param name="Page">The page that is shown: the last page when the requested one no longer exists.</param>
public sealed record OperationItemPage(
    IReadOnlyList<OperationItem> Items, IReadOnlyDictionary<OperationItemState, int> Counts, int Total, int Page,
    int PageSize) : ListPage<OperationItem>(Items, Total, Page, PageSize);
