namespace Vigia.Portal.Components.Isolation;

/// <summary>Names the resources of the texts about a tenant's isolation and credentials.</summary>
public sealed class IsolationText;
