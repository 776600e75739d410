using System.Text.Json;
using Npgsql;

namespace Vigia.Core.Postgres;

/// <summary>A right that the group of all tenants' roles has in schema <c>public</c> of a database.</summary>
/// <param name="Kind"><c>schema</c>, <c>table</c>, <c>sequence</c> or <c>function</c>.</param>
/// <param name="Name">The object's name without its schema.</param>
/// <param name="Part">The column, or the types of the function's arguments; null for none.</param>
/// <param name="Privilege">As <c>aclexplode</c> writes it.</param>
/// <param name="IsGrantable">Whether the group may grant it on.</param>
public sealed record GroupRight(string Kind, string Name, string? Part, string Privilege, bool IsGrantable);

/// <summary>Reads the rights of the group of all tenants' roles, and gives them back as they were.</summary>
internal static class GroupRights
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    private static readonly string[] Privileges = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES",
        "TRIGGER", "MAINTAIN", "USAGE", "CREATE", "EXECUTE"];

    private const string Sql = """
        WITH n AS (SELECT * FROM pg_catalog.pg_namespace WHERE nspname = 'public'),
        had AS (
            SELECT 'schema' AS kind, n.nspname AS name, NULL::text AS part, n.nspacl AS acl FROM n
            UNION ALL SELECT CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, c.relname, NULL, c.relacl
                FROM pg_catalog.pg_class c JOIN n ON n.oid = c.relnamespace
            UNION ALL SELECT 'table', c.relname, a.attname, a.attacl
                FROM pg_catalog.pg_class c JOIN n ON n.oid = c.relnamespace
                JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid WHERE NOT a.attisdropped
            UNION ALL SELECT 'function', p.proname, oidvectortypes(p.proargtypes), p.proacl
                FROM pg_catalog.pg_proc p JOIN n ON n.oid = p.pronamespace
        )
        SELECT coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'name', name, 'part', part,
            'privilege', a.privilege_type, 'is_grantable', a.is_grantable)), '[]')::text
        FROM had, aclexplode(acl) AS a WHERE a.grantee = to_regrole($1)
        """;

    /// <summary>
    /// Reads the rights. The session's <c>search_path</c> must be <c>pg_catalog</c>.
    /// </summary>
    public static async Task<IReadOnlyList<GroupRight>> ReadAsync(
        NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, session)
        {
            Parameters = { new() { Value = SqlIdentifier.Quote(RoleDdl.TenantGroup) } },
        };
        return JsonSerializer.Deserialize<List<GroupRight>>(
            (string)(await command.ExecuteScalarAsync(cancellationToken))!, Options)!;
    }

    /// <summary>
    /// Gives the group the rights that it had before on the objects of a description, on their sequences and on the
    /// schema. Rights on other objects stay.
    /// </summary>
    /// <param name="found">The schema now; an object that is gone is left out.</param>
    public static async Task RestoreAsync(
        NpgsqlConnection session, IReadOnlyCollection<GroupRight> before, SchemaDescription found,
        SchemaDescription objects, CancellationToken cancellationToken)
    {
        var now = await ReadAsync(session, cancellationToken);
        foreach (var right in now.Except(before).Where(IsMeant))
        {
            await MasterDatabase.ExecuteAsync(session, Write("REVOKE", right, "FROM", ""), cancellationToken);
        }

        // A right on a whole table that was revoked took those on its columns with it.
        now = await ReadAsync(session, cancellationToken);
        foreach (var right in before.Except(now).Where(r => IsMeant(r) && Privileges.Contains(r.Privilege)))
        {
            await MasterDatabase.ExecuteAsync(
                session, Write("GRANT", right, "TO", right.IsGrantable ? " WITH GRANT OPTION" : ""), cancellationToken);
        }

        bool IsMeant(GroupRight right) => right.Kind switch
        {
            "schema" => true,
            "table" => objects.Find(right.Name) is not null && found.Find(right.Name) is { } table
                && (right.Part is null || table.Find(right.Part) is not null),
            "sequence" => found.Tables.Any(
                t => objects.Find(t.Name) is not null && t.Sequences.Any(s => s.Name == right.Name)),
            _ => objects.Functions.Any(f => f.Name == right.Name && f.Types == right.Part)
                && found.Functions.Any(f => f.Name == right.Name && f.Types == right.Part),
        };
    }

    private static string Write(string verb, GroupRight right, string preposition, string option)
    {
        var name = right.Kind == "schema" ? SqlIdentifier.Quote(right.Name) : SchemaDdl.Qualified(right.Name);
        var (column, arguments) = right.Kind == "function" ? ("", $"({right.Part})")
            : (right.Part is { } part ? $" ({SqlIdentifier.Quote(part)})" : "", "");
        return $"{verb} {right.Privilege}{column} ON {right.Kind.ToUpperInvariant()} {name}{arguments} {preposition} "
            + SqlIdentifier.Quote(RoleDdl.TenantGroup) + option;
    }
}
