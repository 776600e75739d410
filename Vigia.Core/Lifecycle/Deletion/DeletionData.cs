namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>The data of a deletion.</summary>
/// <param name="Row">
/// The whole registry row as it was before the deletion began, as JSON: undo and cancel restore exactly this. Empty
/// while <paramref name="WaitsForApproval"/>.
/// </param>
/// <param name="WasActive">Whether the tenant was active then.</param>
/// <param name="RetentionDays">Days in the trash; 0 drops in the same operation.</param>
/// <param name="WaitsForApproval">Whether it waits for a second person and has changed nothing yet.</param>
internal sealed record DeletionData(
    string Row, bool WasActive, string Reason, int RetentionDays, bool WaitsForApproval = false);
