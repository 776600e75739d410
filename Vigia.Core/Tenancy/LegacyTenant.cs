using Npgsql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenancy;

/// <summary>
/// The only tenant of an installation where DATABASE_URL is set and no master is. It is an entry of the catalogue and
/// never a row. Its database belongs to the product, and the portal never alters it. See docs/rules.md#single-tenant.
/// </summary>
public static class LegacyTenant
{
    /// <summary>Its name in tokens and in X-Tenant. No other tenant can get it, because it is reserved.</summary>
    public const string Name = "legacy";

    /// <summary>Ids of the registry begin with 1.</summary>
    public const int Id = 0;

    /// <summary>The code of the refusal when its database lacks what a call needs.</summary>
    public const string SchemaDiffers = "schema_differs";

    /// <summary>Its entry. Null where there is none.</summary>
    internal static TenantEntry? EntryOf(VigiaSettings settings, TimeProvider time) =>
        settings.OnlyDatabase is { } database ? new TenantEntry
        {
            Id = Id, Subdomain = Name, DatabaseName = database.Database, ServerId = ServerConnections.MasterServerId,
            State = TenantState.Ready, IsActive = true, ReadAt = time.GetUtcNow(),
        } : null;

    /// <summary>
    /// The missing table, column or right, or the column of another type, that made a call fail. Null for every other
    /// failure. The text names no values.
    /// </summary>
    public static string? GapIn(Exception failure)
    {
        for (var e = failure; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case PostgresException refusal:
                    return IsGap(refusal.SqlState) ? refusal.MessageText : null;
                case InvalidCastException:
                    return e.Message;
            }
        }

        // A column holds NULL, or a table has not the one row that it always has in our schema.
        return failure is InvalidOperationException { Source: { } source }
            && source.StartsWith("Microsoft.EntityFrameworkCore", StringComparison.Ordinal) ? failure.Message : null;
    }

    // Class 42: an object that does not exist, is of another type, or may not be used. Class 23: a rule of a table that
    // our schema does not have.
    private static bool IsGap(string state) => state.StartsWith("42", StringComparison.Ordinal)
        || state.StartsWith("23", StringComparison.Ordinal) || state == PostgresErrorCodes.InvalidSchemaName;
}
