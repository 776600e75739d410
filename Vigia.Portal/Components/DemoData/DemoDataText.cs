namespace Vigia.Portal.Components.DemoData;

/// <summary>Names the resources of demonstration data.</summary>
public sealed class DemoDataText;
