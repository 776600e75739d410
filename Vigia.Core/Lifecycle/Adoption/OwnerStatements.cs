using Vigia.Core.Postgres;

namespace Vigia.Core.Lifecycle.Adoption;

/// <summary>
/// Writes the statements after which the portal's role has the owner's rights on everything that an adoption needs. A
/// role that is no superuser is granted to the portal. An object of a superuser gets another owner, one statement for
/// each object: a grant of a superuser's role would make the portal a superuser, and <c>REASSIGN OWNED</c> moves
/// databases that nobody named.
/// </summary>
internal static class OwnerStatements
{
    public static IReadOnlyList<string> For(
        DatabaseFacts facts, DatabaseInsideFacts? inside, SchemaDescription? found)
    {
        var portal = SqlIdentifier.Quote(facts.PortalRole);
        var (database, statements) = (SqlIdentifier.Quote(facts.Name), new List<string>());
        if (!facts.IsOwnedByUs)
        {
            statements.Add(facts.OwnerIsSuperuser
                ? $"ALTER DATABASE {database} OWNER TO {portal};"
                : Grant(facts.Owner, facts));
        }

        if (!facts.MayConnect)
        {
            statements.Add($"GRANT CONNECT ON DATABASE {database} TO {portal};");
        }

        // Membership in pg_database_owner comes with the database.
        if (inside is { SchemaIsOwnedByUs: false, SchemaOwner: not "pg_database_owner" })
        {
            statements.Add($"ALTER SCHEMA \"public\" OWNER TO {portal};");
        }

        foreach (var table in found?.Tables ?? [])
        {
            if (TenantBlueprint.Head.Find(table.Name) is not null && table is { IsOwnedByUs: false, IsOrdinary: true })
            {
                statements.Add(table.OwnerIsSuperuser
                    ? $"ALTER TABLE {SchemaDdl.Qualified(table.Name)} OWNER TO {portal};"
                    : Grant(table.Owner, facts));
            }
        }

        foreach (var function in found?.Functions.Where(AdoptionRules.IsOpenDefiner) ?? [])
        {
            statements.Add($"REVOKE EXECUTE ON FUNCTION {SchemaDdl.Qualified(function.Name)}({function.Arguments}) "
                + "FROM PUBLIC;");
        }

        foreach (var table in found?.Tables.Where(t => t.IsGrantedToPublic) ?? [])
        {
            statements.Add($"REVOKE ALL ON TABLE {SchemaDdl.Qualified(table.Name)} FROM PUBLIC;");
        }

        return [.. statements.Distinct()];
    }

    // Since PostgreSQL 16 a grant may be one without the rights of the role, and one without SET ROLE.
    private static string Grant(string owner, DatabaseFacts facts) =>
        $"GRANT {SqlIdentifier.Quote(owner)} TO {SqlIdentifier.Quote(facts.PortalRole)}"
        + (facts.ServerVersion >= 16 ? " WITH INHERIT TRUE, SET TRUE;" : ";");
}
