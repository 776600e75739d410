using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;

namespace Vigia.Core.Registry.Master;

/// <summary>
/// The privileges of PostgreSQL that the portal's role needs in the master database. Migrations need those of the
/// registry's owner (PostgreSQL lets nobody else add a column, index or trigger) and the privilege to create the
/// portal's own schema. Normal work needs to read and write the registry. The product's roles need no new ones.
/// </summary>
internal static class RegistryPrivileges
{
    private const string Sql = """
        SELECT current_user::text, current_database()::text, me.rolinherit,
            current_setting('server_version_num')::int >= 160000,
            has_database_privilege(current_database(), 'CREATE'),
            has_schema_privilege('public', 'CREATE'), has_schema_privilege('public', 'USAGE'),
            EXISTS (SELECT FROM pg_namespace WHERE nspname = 'portal')
                AND EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm'),
            owner.rolname::text, owner.rolsuper, pg_has_role(owner.oid, 'USAGE'), pg_has_role(owner.oid, 'MEMBER'),
            has_database_privilege(owner.oid, current_database(), 'CREATE'),
            has_schema_privilege(owner.oid, 'public', 'CREATE'), has_schema_privilege(owner.oid, 'public', 'USAGE'),
            has_table_privilege(registry.oid, 'SELECT') AND has_table_privilege(registry.oid, 'INSERT')
                AND has_table_privilege(registry.oid, 'UPDATE') AND has_table_privilege(registry.oid, 'DELETE'),
            ids.relname::text, has_sequence_privilege(ids.oid, 'USAGE')
        FROM pg_roles me
        LEFT JOIN (
            SELECT c.oid, c.relowner FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'public' AND c.relname = 'clientes_saas') registry ON true
        LEFT JOIN pg_roles owner ON owner.oid = registry.relowner
        LEFT JOIN (
            SELECT d.refobjid, s.oid, s.relname FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
            WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a') ids
            ON ids.refobjid = registry.oid
        WHERE me.rolname = current_user
        LIMIT 1
        """;

    /// <summary>Throws when a privilege is missing, before the work would fail without it.</summary>
    /// <param name="session">A session of the portal's role in the master database.</param>
    /// <param name="migrates">Whether migrations are pending.</param>
    /// <exception cref="RuleException">
    /// <c>registry_rights_missing</c>, with the role, the database and the statements that a superuser must run.
    /// </exception>
    public static async Task DemandAsync(NpgsqlConnection session, bool migrates, CancellationToken cancellationToken)
    {
        var found = await ReadAsync(session, cancellationToken);
        var missing = (migrates ? found.MissingToMigrate() : found.MissingToWork()).ToList();
        if (missing.Count > 0)
        {
            throw new RuleException("registry_rights_missing", found.Role, found.Database, string.Join(' ', missing));
        }
    }

    private static async Task<HeldRights> ReadAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, session);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        bool Is(int column) => !reader.IsDBNull(column) && reader.GetBoolean(column);
        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
        return new HeldRights(Text(0)!, Text(1)!)
        {
            Inherits = Is(2),
            GrantsSayInherit = Is(3),
            CreatesInDatabase = Is(4),
            CreatesInPublic = Is(5),
            UsesPublic = Is(6),
            HasSchemaAndExtension = Is(7),
            Owner = Text(8),
            OwnerIsSuperuser = Is(9),
            HasOwnersRights = Is(10),
            IsMemberOfOwner = Is(11),
            OwnerCreatesInDatabase = Is(12),
            OwnerCreatesInPublic = Is(13),
            OwnerUsesPublic = Is(14),
            Writes = Is(15),
            Sequence = Text(16),
            UsesSequence = Is(17),
        };
    }

    private sealed record HeldRights(string Role, string Database)
    {
        public bool Inherits { get; init; }

        /// <summary>
        /// Since PostgreSQL 16 each grant of a membership says whether it is inherited. Before, the member's attribute
        /// decides.
        /// </summary>
        public bool GrantsSayInherit { get; init; }

        public bool CreatesInDatabase { get; init; }

        public bool CreatesInPublic { get; init; }

        public bool UsesPublic { get; init; }

        /// <summary>Whether the schema and the extension exist already.</summary>
        public bool HasSchemaAndExtension { get; init; }

        /// <summary>The owner of the registry. Null when there is no registry yet.</summary>
        public string? Owner { get; init; }

        public bool OwnerIsSuperuser { get; init; }

        public bool HasOwnersRights { get; init; }

        public bool IsMemberOfOwner { get; init; }

        public bool OwnerCreatesInDatabase { get; init; }

        public bool OwnerCreatesInPublic { get; init; }

        public bool OwnerUsesPublic { get; init; }

        public bool Writes { get; init; }

        public string? Sequence { get; init; }

        public bool UsesSequence { get; init; }

        // A role never inherits the privileges of a superuser, and a member of a superuser can become one. In that case
        // the table gets a new owner instead.
        private bool WillHaveOwnersRights => Owner is not null && !OwnerIsSuperuser && !HasOwnersRights;

        private string QuotedRole => SqlIdentifier.Quote(Role);

        public IEnumerable<string> MissingToMigrate()
        {
            if (WillHaveOwnersRights)
            {
                if (!IsMemberOfOwner || GrantsSayInherit)
                {
                    yield return $"GRANT {SqlIdentifier.Quote(Owner!)} TO {QuotedRole}"
                        + $"{(GrantsSayInherit ? " WITH INHERIT TRUE" : "")};";
                }

                if (!GrantsSayInherit && !Inherits)
                {
                    yield return $"ALTER ROLE {QuotedRole} INHERIT;";
                }
            }
            else if (Owner is not null && !HasOwnersRights)
            {
                yield return $"ALTER TABLE public.clientes_saas OWNER TO {QuotedRole};";
            }

            if (!HasSchemaAndExtension && !CreatesInDatabase && !(WillHaveOwnersRights && OwnerCreatesInDatabase))
            {
                yield return $"GRANT CREATE ON DATABASE {SqlIdentifier.Quote(Database)} TO {QuotedRole};";
            }

            var lacksUsage = !UsesPublic && !(WillHaveOwnersRights && OwnerUsesPublic);
            var lacksCreate = !CreatesInPublic && !(WillHaveOwnersRights && OwnerCreatesInPublic);
            if (lacksUsage || lacksCreate)
            {
                var privileges = lacksUsage && lacksCreate ? "USAGE, CREATE" : lacksUsage ? "USAGE" : "CREATE";
                yield return $"GRANT {privileges} ON SCHEMA public TO {QuotedRole};";
            }
        }

        public IEnumerable<string> MissingToWork()
        {
            if (!UsesPublic)
            {
                yield return $"GRANT USAGE ON SCHEMA public TO {QuotedRole};";
            }

            if (Owner is not null && !Writes)
            {
                yield return $"GRANT SELECT, INSERT, UPDATE, DELETE ON public.clientes_saas TO {QuotedRole};";
            }

            if (Sequence is not null && !UsesSequence)
            {
                yield return $"GRANT USAGE ON SEQUENCE public.{SqlIdentifier.Quote(Sequence)} TO {QuotedRole};";
            }
        }
    }
}
