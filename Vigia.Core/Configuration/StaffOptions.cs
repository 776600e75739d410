using System.ComponentModel.DataAnnotations;

namespace Vigia.Core.Configuration;

/// <summary>Section <c>Staff</c>: how members of staff sign in and stay signed in.</summary>
public sealed class StaffOptions
{
    public const string Section = "Staff";

    /// <summary>Who must use a second factor.</summary>
    public SecondFactorDemand RequireSecondFactor { get; set; }

    /// <summary>Minutes without input after which every tab locks.</summary>
    [Range(1, 240)]
    public int LockAfterMinutes { get; set; } = 15;

    /// <summary>Hours after which one has to sign in again, whatever one did.</summary>
    [Range(1, 24)]
    public int SessionHours { get; set; } = 10;

    /// <summary>How many times a minute one address may try to sign in; a whole office may be behind one.</summary>
    [Range(1, 100_000)]
    public int SignInsPerMinuteAndAddress { get; set; } = 30;

    /// <summary>How many times a minute one account may be tried, wherever from.</summary>
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
