namespace Vigia.Portal.Components.Tenants;

/// <summary>Names the resources of the pages about tenants.</summary>
public sealed class TenantText;
