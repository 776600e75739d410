using Vigia.Core.Registry.Master;

namespace Vigia.Core.Operations;

/// <summary>
/// A part of the pruning: what a feature keeps for a time only. It runs again and again, each time in a transaction of
/// its own, until it removes less than it may.
/// </summary>
/// <param name="Name">The name of the table.</param>
/// <param name="Kept">How long it is kept at most.</param>
/// <param name="RunAsync">
/// Deletes at most that many rows in the open transaction. Receives the present moment. Returns the number of rows.
/// </param>
public sealed record HistoryPruning(
    string Name, TimeSpan Kept, Func<MasterContext, DateTimeOffset, int, CancellationToken, Task<int>> RunAsync);
