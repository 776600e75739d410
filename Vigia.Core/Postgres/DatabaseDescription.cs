namespace Vigia.Core.Postgres;

/// <summary>A database as the server's catalogue has it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Marker">Its comment; null when it has none.</param>
/// <param name="Owner">The owning role.</param>
/// <param name="AllowsConnections"><c>datallowconn</c>.</param>
/// <param name="ConnectionLimit"><c>datconnlimit</c>; <see cref="DatabaseDdl.UnfinishedDrop"/> after an interrupted DROP.</param>
public sealed record DatabaseDescription(string Name, string? Marker, string Owner, bool AllowsConnections, int ConnectionLimit);

/// <summary>A session that we may not end.</summary>
public sealed record HeldSession(int ProcessId, string User, string Application)
{
    /// <summary>A worker of the server itself, as autovacuum's.</summary>
    public bool IsServers { get; init; }
}

/// <summary>What ending the sessions of a database led to.</summary>
/// <param name="Remaining">Sessions that were there when looked at; they may be ending.</param>
/// <param name="NotPermitted">Those we may not end (a superuser's).</param>
public sealed record TerminationResult(int Remaining, IReadOnlyList<HeldSession> NotPermitted);
