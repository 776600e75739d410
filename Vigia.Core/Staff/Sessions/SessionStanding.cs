namespace Vigia.Core.Staff.Sessions;

/// <summary>Whether a session may be used at this moment.</summary>
public enum SessionState
{
    Open,

    /// <summary>Locked by the person or after too long without input; the password opens it again.</summary>
    Locked,

    /// <summary>Ended or too old, or the person may no longer sign in.</summary>
    Over,
}

/// <summary>
/// A session and its person as stored in the master now. A cookie only says how they were when it was issued.
/// </summary>
public sealed record SessionStanding
{
    public required SessionState State { get; init; }
    public required Guid StaffId { get; init; }

    /// <summary>Time since the last input, by the server's clock.</summary>
    public required TimeSpan Idle { get; init; }

    /// <summary>Whether the person can unlock it with a passkey.</summary>
    public required bool HasPasskey { get; init; }

    /// <summary>Identity's security stamp; a cookie with another stamp is refused.</summary>
    public required string? SecurityStamp { get; init; }

    /// <summary>The name as the audit trail prints it.</summary>
    public required string FullName { get; init; }
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>The only tenants that the person may see; null for all.</summary>
    public required IReadOnlyList<int>? TenantScope { get; init; }
}
