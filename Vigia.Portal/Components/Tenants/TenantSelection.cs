namespace Vigia.Portal.Components.Tenants;

/// <summary>The clients a person has ticked in the list: kept while they page, sort and come back, gone when another filter is set.</summary>
public sealed class TenantSelection
{
    private readonly HashSet<int> _ids = [];
    private string? _filter;

    public IReadOnlyCollection<int> Ids => _ids;

    public int Count => _ids.Count;

    public bool Contains(int id) => _ids.Contains(id);

    /// <summary>Says what the list shows now; what was chosen among others is let go.</summary>
    public void ShowsView(TenantListView view)
    {
        var filter = (view with { Page = 1, PageSize = 20, Order = default, Descending = false }).ToAddress();
        if (_filter is not null && _filter != filter)
        {
            _ids.Clear();
        }

        _filter = filter;
    }

    /// <summary>Chooses these, or lets them go.</summary>
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
