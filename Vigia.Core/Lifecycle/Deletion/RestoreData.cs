namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>The data of a restore.</summary>
/// <param name="IsActive">Whether the tenant was active before it was deleted.</param>
/// <param name="State">Its state before it was deleted, in lower case.</param>
internal sealed record RestoreData(bool IsActive, string State);
