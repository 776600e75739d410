namespace Vigia.Core.Deletion;

/// <summary>What a hard delete needs.</summary>
/// <param name="Row">The whole registry row as it was before the request, as JSON: undo and cancel put back exactly this. Empty while it waits for a second person.</param>
/// <param name="WasActive">Whether the client was active then.</param>
/// <param name="Reason">The person's reason.</param>
/// <param name="RetentionDays">Days in the trash; 0 drops in the same operation.</param>
internal sealed record DeletionData(string Row, bool WasActive, string Reason, int RetentionDays);

/// <summary>What a restore needs.</summary>
/// <param name="IsActive">Whether the client was active before it was deleted.</param>
/// <param name="State">Its state before it was deleted, lower case.</param>
internal sealed record RestoreData(bool IsActive, string State);
