using Npgsql;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Adoption;

/// <summary>
/// Gives the functions of the portal's triggers that run with the rights of their owner to the role that owns the
/// database. The owner of a schema can put other tables and functions in the place of those that they use; that code
/// runs with the rights that it has anyway, and not with the portal's. See docs/decisions/adoption.md#d401.
/// </summary>
internal static class DefinerOwner
{
    // The tables that the functions write to. A role that selects for a share lock needs the right to update.
    private static readonly (string Table, string Privileges)[] Written =
    [
        ("audit_log", "SELECT, INSERT"), ("roles", "SELECT"), ("tenant_limits", "SELECT, UPDATE"),
        ("tenant_usage", "SELECT, INSERT, UPDATE"), ("user_roles", "SELECT, INSERT, DELETE"),
    ];

    /// <summary>
    /// Finds the role; null if the portal keeps the functions: it owns the database itself, or the owner may make no
    /// function in the schema, and so can't put anything in the place of another.
    /// </summary>
    public static async Task<string?> FindAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT r.rolname::text FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba
            WHERE d.datname = current_database() AND r.rolname <> current_user AND NOT r.rolsuper
              AND has_schema_privilege(r.oid, 'public', 'CREATE')
            """, session);
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    /// <summary>Gives the role the functions of the portal's that are in the database, and the rights that they use.
    /// </summary>
    public static async Task GiveAsync(
        NpgsqlConnection session, string role, MadeObjects made, CancellationToken cancellationToken)
    {
        var found = await SchemaReader.ReadAsync(session, cancellationToken);
        await SchemaDdl.ExecuteAsync(
            session, found.Functions.Where(f => f.Owner == found.Role
                    && made.Objects.Any(o => o.Kind == "function" && o.Name == f.Name && o.Types == f.Types))
                .Select(f => f.IsDefiner ? SchemaDdl.ChangeOwner(f, role) : SchemaDdl.GrantExecute(f, role)),
            cancellationToken);
        foreach (var (table, privileges) in Written.Where(w => found.Find(w.Table) is not null))
        {
            if (await LacksAsync(session, role, table, privileges, cancellationToken))
            {
                await MasterDatabase.ExecuteAsync(
                    session, $"GRANT {privileges} ON TABLE {SchemaDdl.Qualified(table)} TO {SqlIdentifier.Quote(role)}",
                    cancellationToken);
            }
        }
    }

    /// <summary>
    /// Keeps everybody from changing the functions of the triggers on some tables until the transaction ends: an owner
    /// could make one that runs with the rights of the role that writes. Nothing but a change locks a function.
    /// </summary>
    public static Task HoldAsync(
        NpgsqlConnection session, IEnumerable<string> tables, SchemaDescription found,
        CancellationToken cancellationToken)
    {
        var names = tables.SelectMany(t => TenantBlueprint.Head.Find(t)!.Triggers)
            .Select(t => t.Function[(t.Function.LastIndexOf('.') + 1)..]).ToHashSet();
        return SchemaDdl.ExecuteAsync(
            session, TenantBlueprint.Head.Functions.Where(f => f.IsDefiner && names.Contains(f.Name)
                && found.Find(f) is { IsDefiner: true }).Select(SchemaDdl.StayDefiner), cancellationToken);
    }

    private static async Task<bool> LacksAsync(
        NpgsqlConnection session, string role, string table, string privileges, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT NOT bool_and(has_table_privilege($1, $2, p)) FROM unnest($3) AS p", session)
        {
            Parameters =
            {
                new() { Value = role },
                new() { Value = SchemaDdl.Qualified(table) },
                new() { Value = privileges.Split(", ") },
            },
        };
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }
}
