namespace Vigia.Portal.Components.Isolation;

/// <summary>Names the resources of what is said about a client's isolation and login roles.</summary>
public sealed class IsolationText;
