namespace Vigia.Portal.Components.Shared;

/// <summary>Names the resources of the components every page is composed from.</summary>
public sealed class SharedText;
