namespace Vigia.Core.Postgres;

/// <summary>
/// The comment that marks a database or role as the portal's. See docs/rules.md#marker.
/// </summary>
public static class DatabaseMarker
{
    /// <summary>The prefix of every marker.</summary>
    public const string Prefix = "vigia:";

    /// <summary>
    /// How much is read of a comment, which may be another one of any length. Every marker is shorter, so a comment
    /// that was cut is none.
    /// </summary>
    public const int LongestRead = 100;

    /// <summary>
    /// The marker of a database: the id of this master and the id of the row in <c>portal.databases</c>.
    /// </summary>
    public static string ForDatabase(Guid masterId, Guid databaseId) => $"{Prefix}{masterId:D}:{databaseId:D}";

    /// <summary>A LIKE pattern that matches the markers of all databases of this master and nothing else.</summary>
    public static string DatabasePattern(Guid masterId) => $"{Prefix}{masterId:D}:%";

    /// <summary>Whether a comment is the marker of a database of this master.</summary>
    public static bool IsDatabase(string marker, Guid masterId) =>
        marker.StartsWith($"{Prefix}{masterId:D}:", StringComparison.Ordinal);

    /// <summary>The name of the database with this marker while it is in the trash.</summary>
    public static string TrashNameOf(string databaseMarker) => $"vigia_trash_{DatabaseIdOf(databaseMarker):N}";

    /// <summary>
    /// The marker of a login role: the id of this master and the id of the row in <c>portal.tenant_credentials</c>. It
    /// does not name the tenant, so that a database changes hands together with its roles.
    /// </summary>
    public static string ForRole(Guid masterId, Guid credentialId) => $"{Prefix}{masterId:D}:role:{credentialId:D}";

    /// <summary>A LIKE pattern that matches the markers of all login roles of this master.</summary>
    public static string RolePattern(Guid masterId) => $"{Prefix}{masterId:D}:role:%";

    /// <summary>A LIKE pattern that matches the markers of all login roles of the master of this role.</summary>
    public static string RolePattern(string roleMarker) => roleMarker[..(roleMarker.LastIndexOf(':') + 1)] + "%";

    /// <summary>
    /// A LIKE pattern that matches the markers of all login roles of the master to which a database belongs.
    /// </summary>
    public static string RolePatternOf(string databaseMarker) =>
        databaseMarker[..(databaseMarker.LastIndexOf(':') + 1)] + "role:%";

    /// <summary>Reads the database's id from a marker made by <see cref="ForDatabase"/>.</summary>
    /// <exception cref="FormatException">The text is not such a marker.</exception>
    public static Guid DatabaseIdOf(string marker) => Guid.ParseExact(marker[(marker.LastIndexOf(':') + 1)..], "D");
}
