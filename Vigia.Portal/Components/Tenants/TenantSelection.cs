namespace Vigia.Portal.Components.Tenants;

/// <summary>
/// The tenants that a person has selected in the list. The selection survives paging, sorting and leaving the page.
/// Another filter clears it.
/// </summary>
public sealed class TenantSelection
{
    private readonly HashSet<int> _ids = [];
    private string? _filter;

    public IReadOnlyCollection<int> Ids => _ids;

    public int Count => _ids.Count;

    public bool Contains(int id) => _ids.Contains(id);

    /// <summary>Records which view the list shows. A view with another filter clears the selection.</summary>
    public void ShowsView(TenantListView view)
    {
        var filter = view.Filter;
        if (_filter is not null && _filter != filter)
        {
            _ids.Clear();
        }

        _filter = filter;
    }

    /// <summary>Whether the list still has the filter of <paramref name="view"/>. Order and page may differ.</summary>
    public bool IsOf(TenantListView view) => _filter == view.Filter;

    /// <summary>Selects these tenants or clears their selection.</summary>
    public void Set(IEnumerable<int> ids, bool chosen)
    {
        if (chosen)
        {
            _ids.UnionWith(ids);
        }
        else
        {
            _ids.ExceptWith(ids);
        }
    }

    public void Clear() => _ids.Clear();
}
