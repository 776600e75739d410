namespace Vigia.Core.Operations;

/// <summary>Groups of states of operations.</summary>
public static class OperationStates
{
    /// <summary>The states of operations that have not ended.</summary>
    public static readonly OperationState[] Unfinished =
        [OperationState.Queued, OperationState.Running, OperationState.Waiting, OperationState.Cancelling];
}
