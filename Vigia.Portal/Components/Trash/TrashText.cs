namespace Vigia.Portal.Components.Trash;

/// <summary>Names the resources of the trash.</summary>
public sealed class TrashText;
