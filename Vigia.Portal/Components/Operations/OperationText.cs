namespace Vigia.Portal.Components.Operations;

/// <summary>Names the resources of the pages about operations; also the words for kinds and steps.</summary>
public sealed class OperationText;
