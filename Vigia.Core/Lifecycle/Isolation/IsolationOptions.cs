using System.ComponentModel.DataAnnotations;

namespace Vigia.Core.Lifecycle.Isolation;

/// <summary>Section <c>Isolation</c>: how the proof of isolation works.</summary>
public sealed class IsolationOptions
{
    public const string Section = "Isolation";

    /// <summary>
    /// How many databases of each kind a proof tries (other tenants', trash, spares, not ours); all if there are fewer.
    /// </summary>
    [Range(1, 1000, ErrorMessage = "it is a whole number from 1 to 1000")]
    public int Sample { get; set; } = 10;

    /// <summary>How many tenants the nightly run proves at once.</summary>
    [Range(1, 32, ErrorMessage = "it is a whole number from 1 to 32")]
    public int AtOnce { get; set; } = 2;

    /// <summary>
    /// The longest time of the nightly run. It reports the tenants that it does not reach, and the next night begins
    /// there.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ParseLimitsInInvariantCulture = true,
        ErrorMessage = "it is a time span from 00:00:01 to 1.00:00:00")]
    public TimeSpan NightlyBudget { get; set; } = TimeSpan.FromHours(5);

    /// <summary>
    /// How long a replaced login role is kept after the switch, for processes that read the credential just before it.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ParseLimitsInInvariantCulture = true,
        ErrorMessage = "it is a time span from 00:00:00 to 1.00:00:00")]
    public TimeSpan KeepReplacedRoleFor { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often the rotation checks whether sessions of a replaced role have ended.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00", ParseLimitsInInvariantCulture = true,
        ErrorMessage = "it is a time span from 00:00:00.1 to 01:00:00")]
    public TimeSpan LookAgainAfter { get; set; } = TimeSpan.FromSeconds(15);
}
