namespace Vigia.Portal.Components.Tenants;

/// <summary>
/// The list that a person came from, kept for the lifetime of the circuit. It provides the link back to the same view,
/// and the previous and next tenant.
/// </summary>
public sealed class TenantListOrigin
{
    private IReadOnlyList<int> _ids = [];

    /// <summary>The list's address with its filters, order and page.</summary>
    public string Address { get; private set; } = PortalUrls.Tenants;

    /// <summary>Remembers what the list shows now.</summary>
    public void Remember(string address, IReadOnlyList<int> ids) => (Address, _ids) = (address, ids);

    /// <summary>The neighbours of a tenant on that page of the list. Null where there is none.</summary>
    public (int? Previous, int? Next) Around(int id)
    {
        var at = _ids.TakeWhile(other => other != id).Count();
        return at == _ids.Count ? (null, null)
            : (at > 0 ? _ids[at - 1] : null, at < _ids.Count - 1 ? _ids[at + 1] : null);
    }
}
