namespace Vigia.Tests.Infrastructure;

/// <summary>
/// For tests that measure the heap of the process. All tests share the heap, so these run when no other test does.
/// </summary>
[CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
public static class AloneInTheProcess;
