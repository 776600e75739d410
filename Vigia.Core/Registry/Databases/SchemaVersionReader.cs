using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.Registry.Databases;

/// <summary>Reads the schema version of a tenant's database.</summary>
public static class SchemaVersionReader
{
    /// <summary>Reads the version of the database that the connection is open to.</summary>
    /// <returns>0 when it has no schema; a number above the head when it is newer than this build.</returns>
    /// <exception cref="RuleException">
    /// <c>schema_unknown</c>: its last migration is not a later one, and this build does not know it.
    /// </exception>
    public static async Task<int> ReadAsync(
        this TenantSchemaVersions versions, NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await TenantSchemaVersions.ReadMigrationAsync(connection, cancellationToken) is { } migration
            ? versions.FindVersion(migration) ?? throw new RuleException("schema_unknown", migration) : 0;
}
