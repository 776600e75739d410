namespace Vigia.Portal.Components.Transport;

/// <summary>Names the resources of what is said about the connection.</summary>
public sealed class TransportText;
