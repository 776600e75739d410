using Vigia.Core.Postgres;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.Lifecycle.Adoption;

/// <summary>
/// The newest schema of a tenant's database as a catalogue shows it, with triggers, rights and the rows that a new
/// database has. It is a file, because a dry run may neither make a database nor open the closed template. A test
/// compares it with a new database; <c>script/tenant-schema</c> writes it.
/// </summary>
internal static class TenantBlueprint
{
    private static readonly Lazy<SchemaDescription> Read =
        new(() => SchemaDescription.Parse(SchemaSql.Read("tenant_head.json")));

    public static SchemaDescription Head => Read.Value;

    /// <summary>The table in which migrations are recorded.</summary>
    public const string History = "__EFMigrationsHistory";

    /// <summary>Tables that the tenants' API reads. It expects the values that every new row has.</summary>
    public static readonly IReadOnlyList<string> ReadByPortal = ["users", "establecimientos", "comprobantes"];

    /// <summary>Tables that the portal writes itself, whose rows say nothing about the work of a tenant.</summary>
    public static readonly IReadOnlyList<string> Infrastructure =
        ["tenant_limits", "tenant_usage", "roles", History];
}
