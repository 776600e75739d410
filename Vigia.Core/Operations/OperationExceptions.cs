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
/// Nothing is wrong, and the step can't be done yet: the operation is given back and the step runs again after a pause. That is neither a failure nor an
/// attempt; it may take days, survives restarts and holds no worker.
/// </summary>
/// <param name="pause">How long to wait.</param>
/// <param name="detail">What is waited for, as people see it at the step.</param>
public sealed class NotYetException(TimeSpan pause, Message detail) : Exception(detail.Render())
{
    public TimeSpan Pause { get; } = pause;

    public Message Detail { get; } = detail;
}

/// <summary>The operation is no longer ours: another worker has raised its epoch. Nothing more may be done for it.</summary>
public sealed class OperationLostException(Guid operationId) : Exception($"Operation {operationId} was taken over by another worker.");

/// <summary>A server did not answer; its work is held back.</summary>
public sealed class ServerUnreachableException(int serverId, Exception inner) : Exception($"Server {serverId} did not answer.", inner)
{
    public int ServerId { get; } = serverId;
}
