using System.ComponentModel.DataAnnotations;

namespace Vigia.Core.Registry.Databases;

/// <summary>
/// How often the portal looks at the databases of its tenants, from section <c>Observation</c>. Pages show what was
/// seen last.
/// </summary>
public sealed class ObservationOptions
{
    public const string Section = "Observation";

    /// <summary>The interval between two looks at a server's catalogue.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Every { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The number of databases whose size is read in one round. Each costs the server about a millisecond.
    /// </summary>
    [Range(1, 100_000)]
    public int SizesPerRound { get; set; } = 200;

    /// <summary>
    /// The number of tenants whose content is counted in one round. Each needs a session in its database, which takes
    /// about 15 ms.
    /// </summary>
    [Range(1, 10_000)]
    public int CountsPerRound { get; set; } = 40;

    /// <summary>The age at which figures are counted again.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "7.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan CountEvery { get; set; } = TimeSpan.FromMinutes(30);
}
