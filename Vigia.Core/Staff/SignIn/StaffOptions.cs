using System.ComponentModel.DataAnnotations;

namespace Vigia.Core.Staff.SignIn;

/// <summary>Section <c>Staff</c>: how members of staff sign in and stay signed in.</summary>
public sealed class StaffOptions
{
    public const string Section = "Staff";

    /// <summary>Who must use a second factor.</summary>
    public SecondFactorDemand RequireSecondFactor { get; set; }

    /// <summary>Minutes without input after which every tab locks.</summary>
    [Range(1, 240)]
    public int LockAfterMinutes { get; set; } = 15;

    /// <summary>Hours after which a person must sign in again, even if they have been active.</summary>
    [Range(1, 24)]
    public int SessionHours { get; set; } = 10;

    /// <summary>
    /// Sign-in attempts allowed per minute from one address. A whole office may share one address.
    /// </summary>
    [Range(1, 100_000)]
    public int SignInsPerMinuteAndAddress { get; set; } = 30;

    /// <summary>Sign-in attempts allowed per minute for one account, from all addresses together.</summary>
    [Range(1, 100_000)]
    public int SignInsPerMinuteAndAccount { get; set; } = 10;
}

/// <summary>Who must use a second factor.</summary>
public enum SecondFactorDemand
{
    None,
    Administrators,
    Everyone,
}
