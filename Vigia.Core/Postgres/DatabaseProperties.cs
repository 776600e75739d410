using Npgsql;

namespace Vigia.Core.Postgres;

/// <summary>
/// The properties of a database itself, not of its content. A dump without <c>--create</c> contains none of them
/// (PostgreSQL manual, pg_dump). A database made by <c>createdb</c> has the server's defaults instead.
/// </summary>
/// <param name="Marker">The comment. Null when it has none.</param>
/// <param name="Owner">The owning role.</param>
/// <param name="IsOwnedByCurrentUser">Whether the owner is the role of the session.</param>
/// <param name="AllowsConnections"><c>datallowconn</c>.</param>
/// <param name="ConnectionLimit"><c>datconnlimit</c>.</param>
/// <param name="Encoding">The encoding, which is fixed when the database is created.</param>
/// <param name="Locale">The provider and the locale, which are fixed when the database is created.</param>
public sealed record DatabaseProperties(
    string? Marker, string Owner, bool IsOwnedByCurrentUser, bool AllowsConnections, int ConnectionLimit,
        string Encoding, string Locale)
{
    private static readonly string ReadSql = $"""
        SELECT left(pg_catalog.shobj_description(oid, 'pg_database'::name), {DatabaseMarker.LongestRead}),
               pg_get_userbyid(datdba),
               datdba = (SELECT oid FROM pg_roles WHERE rolname = current_user), datallowconn, datconnlimit,
               pg_encoding_to_char(encoding)::text,
               concat_ws(' ', to_jsonb(d) ->> 'datlocprovider', datcollate, datctype,
                         to_jsonb(d) ->> 'daticulocale', to_jsonb(d) ->> 'datlocale')
        FROM pg_database d WHERE datname = $1
        """;

    private const string GranteesSql = """
        SELECT DISTINCT pg_get_userbyid(a.grantee)
        FROM pg_database d, LATERAL aclexplode(d.datacl) AS a
        WHERE d.datname = $1 AND a.grantee <> 0 AND a.grantee <> d.datdba
        """;

    /// <summary>Reads the properties. Null when there is no such database.</summary>
    public static async Task<DatabaseProperties?> ReadAsync(
        NpgsqlConnection session, string name, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ReadSql, session) { Parameters = { new() { Value = name } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new DatabaseProperties(
                await reader.IsDBNullAsync(0, cancellationToken) ? null : reader.GetString(0), reader.GetString(1),
                    reader.GetBoolean(2), reader.GetBoolean(3),
                reader.GetInt32(4), reader.GetString(5), reader.GetString(6))
            : null;
    }

    /// <summary>
    /// Gives a database the properties of one that the portal creates, in one transaction: it carries the marker,
    /// PUBLIC and all other roles lose their rights, and it is no template. Settings (<c>ALTER DATABASE … SET</c>) and
    /// a connection limit stay as a person has set them. The session must belong to the owner.
    /// </summary>
    /// <exception cref="DatabaseConflictException">
    /// <c>database_belongs_to_another</c>: the database carries another marker.
    /// </exception>
    public static async Task SetAsync(
        NpgsqlConnection session, string name, string marker, CancellationToken cancellationToken)
    {
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        var quoted = SqlIdentifier.Quote(name);
        if (await ReadAsync(session, name, cancellationToken) is { Marker: { } other } && other != marker)
        {
            throw new DatabaseConflictException("database_belongs_to_another", name, other);
        }

        await MasterDatabase.ExecuteAsync(
            session, "COMMENT ON DATABASE " + quoted + " IS " + SqlLiteral.Quote(marker), cancellationToken);
        await MasterDatabase.ExecuteAsync(
            session, "REVOKE ALL ON DATABASE " + quoted + " FROM PUBLIC", cancellationToken);
        foreach (var grantee in await GranteesAsync(session, name, cancellationToken))
        {
            await MasterDatabase.ExecuteAsync(session,
                "REVOKE ALL ON DATABASE " + quoted + " FROM " + SqlIdentifier.Quote(grantee), cancellationToken);
        }

        await MasterDatabase.ExecuteAsync(
            session, "ALTER DATABASE " + quoted + " IS_TEMPLATE false", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task<List<string>> GranteesAsync(
        NpgsqlConnection session, string name, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(GranteesSql, session) { Parameters = { new() { Value = name } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(reader.GetString(0));
        }

        return found;
    }
}
