using Vigia.Core.Registry.Master;

namespace Vigia.Core.Operations;

/// <summary>A part of the nightly pruning. Each feature that keeps history registers how it removes old rows.</summary>
/// <param name="RunAsync">Deletes rows in the open transaction. Receives the present moment.</param>
public sealed record HistoryPruning(Func<MasterContext, DateTimeOffset, CancellationToken, Task> RunAsync);
