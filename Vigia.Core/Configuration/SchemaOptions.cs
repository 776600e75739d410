using System.ComponentModel.DataAnnotations;

namespace Vigia.Core.Configuration;

/// <summary>Section <c>Schema</c>: bringing the databases of existing clients to this build's schema.</summary>
public sealed class SchemaOptions
{
    public const string Section = "Schema";

    /// <summary>Clients worked on at once when all are brought up; those that wait for a busy database don't count.</summary>
    [Range(1, 64, ErrorMessage = "it is a whole number from 1 to 64")]
    public int AtOnce { get; set; } = 4;

    /// <summary>
    /// How long a migration waits for a table that a client's session holds. Whoever comes after it waits behind it, so this is also how long a client's
    /// own queries can be held up; the migration is tried again later.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00", ParseLimitsInInvariantCulture = true, ErrorMessage = "it is a time span from 00:00:00.1 to 00:01:00")]
    public TimeSpan LockTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Brings all clients up when the portal starts, without anybody asking for it.</summary>
    public bool MigrateAtStart { get; set; }
}
