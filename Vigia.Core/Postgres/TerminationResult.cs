namespace Vigia.Core.Postgres;

/// <summary>A session on a database.</summary>
public sealed record HeldSession(int ProcessId, string User, string Application)
{
    /// <summary>Whether this is a process of the server itself, such as autovacuum.</summary>
    public bool IsServerProcess { get; init; }
}

/// <summary>The result of ending the sessions of a database.</summary>
/// <param name="Remaining">The number of sessions that were found. They may still be ending.</param>
/// <param name="NotPermitted">The sessions that the portal may not end (those of a superuser).</param>
public sealed record TerminationResult(int Remaining, IReadOnlyList<HeldSession> NotPermitted);
