namespace Vigia.Portal.Components.Shared;

/// <summary>A placeholder for one value that is loading.</summary>
public sealed partial class ValueSkeleton;
