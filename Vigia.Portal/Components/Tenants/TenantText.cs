namespace Vigia.Portal.Components.Tenants;

/// <summary>Names the resources of the pages about clients.</summary>
public sealed class TenantText;
