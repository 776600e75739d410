namespace Vigia.Portal.Components.Transport;

/// <summary>Names the resources of the notice about the connection.</summary>
public sealed class TransportText;
