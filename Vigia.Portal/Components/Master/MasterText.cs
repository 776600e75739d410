namespace Vigia.Portal.Components.Master;

/// <summary>Names the resources of the page about the master database.</summary>
public sealed class MasterText;
