using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Operations;

/// <summary>The step can't continue until a person has done something. The operation goes to <c>waiting</c>.</summary>
public sealed class PersonNeededException(Message reason) : Exception(reason.Render())
{
    public PersonNeededException(string code, params IReadOnlyList<string> args) : this(new Message(code, args))
    {
    }

    public Message Reason { get; } = reason;
}

/// <summary>
/// The step can't continue yet but needs no person. The operation is paused, and continues after the pause or as soon
/// as an operation that it waits for has ended. This is neither a failure nor an attempt. The worker is free in the
/// meantime.
/// </summary>
/// <param name="detail">The reason for the pause, shown at the step.</param>
/// <param name="pause">The longest duration of the pause.</param>
public sealed class NotYetException(Message detail, TimeSpan pause) : Exception(detail.Render())
{
    public Message Detail { get; } = detail;

    public TimeSpan Pause { get; } = pause;
}

/// <summary>
/// Sessions that the portal has terminated are still open after a while. Trying again later may help.
/// </summary>
public sealed class SessionsRemainException(string database) : TimeoutException($"Sessions in {database} do not end.")
{
    public Message Reason { get; } = new("sessions_do_not_end", database);
}

/// <summary>The claim is lost, because another worker has raised the epoch. The present worker must stop.</summary>
public sealed class OperationLostException(Guid operationId)
    : Exception($"Operation {operationId} was taken over by another worker.");

/// <summary>A server did not answer, or let the portal not in. Its operations are delayed.</summary>
public sealed class ServerUnreachableException(int serverId, Exception inner)
    : Exception($"Server {serverId} gave no session.", inner)
{
    public int ServerId { get; } = serverId;
}
