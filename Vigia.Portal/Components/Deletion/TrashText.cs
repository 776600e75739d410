namespace Vigia.Portal.Components.Deletion;

/// <summary>Names the resources of the trash.</summary>
public sealed class TrashText;
