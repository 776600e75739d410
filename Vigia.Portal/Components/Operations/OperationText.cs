namespace Vigia.Portal.Components.Operations;

/// <summary>Names the resources of the pages about operations, including the texts for kinds and steps.</summary>
public sealed class OperationText;
