using System.ComponentModel.DataAnnotations;

namespace Vigia.Core.Staff.SignIn;

/// <summary>Section <c>Staff</c>: how members of staff sign in and stay signed in.</summary>
public sealed class StaffOptions
{
    public const string Section = "Staff";

    /// <summary>
    /// The people who must use a second factor. Without the setting: administrators if a master is configured, and
    /// nobody on the private PostgreSQL.
    /// </summary>
    public SecondFactorDemand RequireSecondFactor { get; set; }

    /// <summary>Minutes without input after which every tab locks.</summary>
    [Range(1, 240)]
    public int LockAfterMinutes { get; set; } = 15;

    /// <summary>Hours after which a person must sign in again, even if they have been active.</summary>
    [Range(1, 24)]
    public int SessionHours { get; set; } = 10;

    /// <summary>
    /// Requests per minute from one source (an address, or a /64 network of IPv6) to sign in with a passkey, and as
    /// many with the identity provider. A whole office may share one address.
    /// </summary>
    [Range(1, 100_000)]
    public int SignInsPerMinuteAndAddress { get; set; } = 30;

    /// <summary>
    /// Wrong passwords or codes from one source that are free. Each further one has to wait longer.
    /// </summary>
    [Range(1, 100_000)]
    public int FailedSignInsPerAddress { get; set; } = 30;

    /// <summary>
    /// Wrong passwords or codes for one account that are free. Each further one has to wait longer. A browser on which
    /// the person has signed in before has as many of its own.
    /// </summary>
    [Range(1, 100_000)]
    public int FailedSignInsPerAccount { get; set; } = 5;
}

/// <summary>The people who must use a second factor.</summary>
public enum SecondFactorDemand
{
    None,
    Administrators,
    Everyone,
}
