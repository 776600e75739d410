namespace Vigia.Portal.Components.Databases;

/// <summary>Names the resources of the clients' databases.</summary>
public sealed class DatabaseText;
