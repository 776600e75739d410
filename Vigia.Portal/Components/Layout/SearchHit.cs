namespace Vigia.Portal.Components.Layout;

/// <summary>A client that the global search found.</summary>
/// <param name="TenantId">Its id.</param>
/// <param name="Name">Razón social.</param>
/// <param name="Ruc">Tax id.</param>
/// <param name="Subdomain">Sub-domain.</param>
/// <param name="Status">The status people see.</param>
public sealed record SearchHit(int TenantId, string Name, string Ruc, string Subdomain, string Status);
