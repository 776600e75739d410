using Vigia.Core.Errors;

namespace Vigia.Core.Operations;

/// <summary>The step can't go on until a person has done something; the operation goes to <c>waiting</c>.</summary>
public sealed class PersonNeededException(Message reason) : Exception(reason.Render())
{
    public PersonNeededException(string code, params IReadOnlyList<string> args) : this(new Message(code, args))
    {
    }

    public Message Reason { get; } = reason;
}

/// <summary>
/// The step can't go on yet and needs nobody: the operation is given back and comes back after a pause, or as soon as one that it waits for has ended.
/// Neither a failure nor an attempt; its worker is free meanwhile.
/// </summary>
/// <param name="detail">What it waits for, shown at the step.</param>
/// <param name="pause">The longest pause.</param>
public sealed class NotYetException(Message detail, TimeSpan pause) : Exception(detail.Render())
{
    public Message Detail { get; } = detail;

    public TimeSpan Pause { get; } = pause;
}

/// <summary>The operation is no longer ours: another worker has raised its epoch. Nothing more may be done for it.</summary>
public sealed class OperationLostException(Guid operationId) : Exception($"Operation {operationId} was taken over by another worker.");

/// <summary>A server did not answer; its work is held back.</summary>
public sealed class ServerUnreachableException(int serverId, Exception inner) : Exception($"Server {serverId} did not answer.", inner)
{
    public int ServerId { get; } = serverId;
}
