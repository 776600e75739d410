namespace Vigia.Core.Staff;

/// <summary>Whether a sign-in may be used at this moment.</summary>
public enum SessionState
{
    Open,

    /// <summary>Nobody has touched it for too long, or the person locked it: the password opens it again.</summary>
    Locked,

    /// <summary>Ended, too old, or its person may not come in any more.</summary>
    Over,
}

/// <summary>A sign-in and its person as the master has them at this moment; a cookie only says how things were.</summary>
public sealed record SessionStanding
{
    public required SessionState State { get; init; }
    public required Guid StaffId { get; init; }

    /// <summary>Since the last input, as the server counts it.</summary>
    public required TimeSpan Idle { get; init; }

    /// <summary>Whether the person has a passkey to open it with.</summary>
    public required bool HasPasskey { get; init; }

    /// <summary>Identity's stamp: another one than the cookie's ends the cookie.</summary>
    public required string? SecurityStamp { get; init; }

    /// <summary>As the audit trail prints it.</summary>
    public required string FullName { get; init; }
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>The only clients the person may know of; null for all.</summary>
    public required IReadOnlyList<int>? TenantScope { get; init; }
}
