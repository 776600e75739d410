namespace Vigia.Portal.Components.SchemaUpgrades;

/// <summary>Names the resources of the pages about tenants' databases.</summary>
public sealed class DatabaseText;
