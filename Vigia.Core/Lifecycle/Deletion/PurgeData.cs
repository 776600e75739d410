namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>The data of a purge.</summary>
/// <param name="Stay">
/// The deletion that moved the tenant to the trash. If the tenant was restored and deleted again since, the purge may
/// no longer drop it.
/// </param>
/// <param name="Early">
/// Whether it may drop before the retention is over. Decided at the request, and only for this stay in the trash.
/// </param>
internal sealed record PurgeData(Guid Stay, bool Early);
