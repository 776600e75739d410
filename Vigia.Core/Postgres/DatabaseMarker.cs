using System.Globalization;

namespace Vigia.Core.Postgres;

/// <summary>
/// The comment that makes a database or role ours (architecture section 5). Ids only, because every role of the server can read it.
/// </summary>
public static class DatabaseMarker
{
    private const string Prefix = "vigia:";

    /// <summary>The marker of a database: this master's id and the id of its row in <c>portal.databases</c>.</summary>
    public static string ForDatabase(Guid masterId, Guid databaseId) => $"{Prefix}{masterId:D}:{databaseId:D}";

    /// <summary>The marker of a tenant's login role.</summary>
    public static string ForRole(Guid masterId, int tenantId) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{masterId:D}:role:{tenantId}");

    /// <summary>The database's id in a marker made by <see cref="ForDatabase"/>.</summary>
    /// <exception cref="FormatException">Not such a marker.</exception>
    public static Guid DatabaseIdOf(string marker) => Guid.ParseExact(marker[(marker.LastIndexOf(':') + 1)..], "D");
}
