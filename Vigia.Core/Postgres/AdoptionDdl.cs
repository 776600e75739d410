using Npgsql;
using Vigia.Core.Foundation.Text;

namespace Vigia.Core.Postgres;

/// <summary>
/// Marks a database that the portal did not create, and takes the mark away again. The session must have the rights of
/// the database's owner.
/// </summary>
internal static class AdoptionDdl
{
    /// <summary>
    /// Marks the database and closes it to PUBLIC, in one transaction. Rights that were granted to a role by name stay.
    /// Does nothing to a database that carries the marker.
    /// </summary>
    /// <param name="oid">The database that was looked at; another one may have its name since.</param>
    /// <exception cref="DatabaseConflictException">
    /// <c>database_belongs_to_another</c>; <c>adopt_database_replaced</c>: it is another database.
    /// </exception>
    public static async Task MarkAsync(
        NpgsqlConnection session, string name, long oid, string marker, CancellationToken cancellationToken)
    {
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        var found = await DemandSameAsync(session, name, oid, cancellationToken);
        if (found.Comment is { } comment && comment != marker
            && comment.StartsWith(DatabaseMarker.Prefix, StringComparison.Ordinal))
        {
            throw new DatabaseConflictException(
                "database_belongs_to_another", name, SafeText.Cut(comment, DatabaseMarker.LongestRead));
        }

        var quoted = SqlIdentifier.Quote(name);
        await MasterDatabase.ExecuteAsync(
            session, $"COMMENT ON DATABASE {quoted} IS {SqlLiteral.Quote(marker)}", cancellationToken);
        await MasterDatabase.ExecuteAsync(
            session, $"REVOKE ALL ON DATABASE {quoted} FROM PUBLIC", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>
    /// Gives the database the comment and the rights of PUBLIC that it had before. Does nothing to a database that does
    /// not carry the marker.
    /// </summary>
    public static async Task UnmarkAsync(
        NpgsqlConnection session, string name, string marker, string? comment, IReadOnlyList<string> publicRights,
        CancellationToken cancellationToken)
    {
        if (await DatabaseDdl.DescribeAsync(session, name, cancellationToken) is not { } found
            || found.Marker != marker)
        {
            return;
        }

        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        var quoted = SqlIdentifier.Quote(name);
        foreach (var right in publicRights.Where(r => r is "CONNECT" or "TEMPORARY" or "CREATE"))
        {
            await MasterDatabase.ExecuteAsync(
                session, $"GRANT {right} ON DATABASE {quoted} TO PUBLIC", cancellationToken);
        }

        await MasterDatabase.ExecuteAsync(
            session, $"COMMENT ON DATABASE {quoted} IS {(comment is null ? "NULL" : SqlLiteral.Quote(comment))}",
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Opens schema <c>public</c> to the group of all tenants' roles, and keeps PUBLIC from making objects in
    /// it.</summary>
    public static IEnumerable<string> OpenSchema(string marker, bool publicMayCreate)
    {
        if (publicMayCreate)
        {
            yield return "REVOKE CREATE ON SCHEMA public FROM PUBLIC";
        }

        yield return $"GRANT USAGE ON SCHEMA public TO {SqlIdentifier.Quote(RoleDdl.TenantGroup)}";
        yield return $"COMMENT ON SCHEMA public IS {SqlLiteral.Quote(marker)}";
    }

    /// <summary>Undoes <see cref="OpenSchema"/>, but for the rights of the group.</summary>
    public static IEnumerable<string> CloseSchema(string? comment, bool publicMayCreate)
    {
        yield return $"COMMENT ON SCHEMA public IS {(comment is null ? "NULL" : SqlLiteral.Quote(comment))}";
        if (publicMayCreate)
        {
            yield return "GRANT CREATE ON SCHEMA public TO PUBLIC";
        }
    }

    private static async Task<DatabaseFacts> DemandSameAsync(
        NpgsqlConnection session, string name, long oid, CancellationToken cancellationToken) =>
        await DatabaseFacts.ReadAsync(session, name, cancellationToken) is { } found && found.Oid == oid
            ? found : throw new DatabaseConflictException("adopt_database_replaced", name);
}
