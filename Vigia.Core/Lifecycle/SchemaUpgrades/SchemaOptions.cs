using System.ComponentModel.DataAnnotations;

namespace Vigia.Core.Lifecycle.SchemaUpgrades;

/// <summary>Section <c>Schema</c>: upgrading existing tenant databases to this build's schema.</summary>
public sealed class SchemaOptions
{
    public const string Section = "Schema";

    /// <summary>
    /// How many tenants an upgrade of many works on at once; those that wait for a busy database do not count.
    /// </summary>
    [Range(1, 64, ErrorMessage = "it is a whole number from 1 to 64")]
    public int AtOnce { get; set; } = 4;

    /// <summary>
    /// How long a migration waits for a table that a tenant's session has locked. Later queries on that table wait
    /// behind the migration, so this is also how long a tenant's queries can be held up. The migration is retried
    /// later.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00", ParseLimitsInInvariantCulture = true,
        ErrorMessage = "it is a time span from 00:00:00.1 to 00:01:00")]
    public TimeSpan LockTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether all tenants are upgraded when the portal starts, without a request.</summary>
    public bool MigrateAtStart { get; set; }
}
