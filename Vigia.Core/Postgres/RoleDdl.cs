using Npgsql;
using Vigia.Core.Errors;

namespace Vigia.Core.Postgres;

/// <summary>Makes and drops the login roles of tenants, on a maintenance session of the portal's own role (CREATEROLE, no superuser).</summary>
public static class RoleDdl
{
    /// <summary>The cluster-wide NOLOGIN role to which the objects of every tenant's database are granted; it may connect nowhere.</summary>
    public const string TenantGroup = "vigia_tenant";

    /// <summary>Most sessions a tenant's role may have at once.</summary>
    public const int ConnectionLimit = 100;

    /// <summary>Makes <see cref="TenantGroup"/> where it is missing.</summary>
    public static async Task EnsureTenantGroupAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        if (await DescribeAsync(session, TenantGroup, cancellationToken) is not null)
        {
            return;
        }

        try
        {
            await ExecuteAsync(session, "CREATE ROLE " + SqlIdentifier.Quote(TenantGroup) + " NOLOGIN", cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.UniqueViolation)
        {
            // Another portal on this server made it at the same instant.
        }
    }

    /// <summary>Makes a tenant's login role, or gives the one that is already ours this verifier.</summary>
    /// <param name="session">A maintenance session.</param>
    /// <param name="role">Its name.</param>
    /// <param name="scramVerifier">Never a password: DDL ends in the server's log (invariant 6).</param>
    /// <param name="marker">From <see cref="DatabaseMarker.ForRole"/>.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="RoleConflictException">A role of that name is not ours.</exception>
    public static async Task CreateLoginAsync(NpgsqlConnection session, string role, string scramVerifier, string marker, CancellationToken cancellationToken)
    {
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        var quoted = SqlIdentifier.Quote(role);
        var (verb, attributes) = ("ALTER ROLE ", "");
        if (await DescribeAsync(session, role, cancellationToken) is not { } present)
        {
            // Only a superuser may name these in ALTER ROLE, even to take them away; a role of ours never had them.
            (verb, attributes) = ("CREATE ROLE ", " NOSUPERUSER NOREPLICATION NOBYPASSRLS");
        }
        else if (present.Marker != marker)
        {
            throw new RoleConflictException(role);
        }

        try
        {
            await ExecuteAsync(
                session,
                verb + quoted + attributes + " LOGIN NOCREATEDB NOCREATEROLE INHERIT CONNECTION LIMIT "
                + ConnectionLimit.ToString(System.Globalization.CultureInfo.InvariantCulture) + " PASSWORD " + SqlLiteral.Quote(scramVerifier),
                cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.UniqueViolation)
        {
            throw new RoleConflictException(role);
        }

        await ExecuteAsync(session, "COMMENT ON ROLE " + quoted + " IS " + SqlLiteral.Quote(marker), cancellationToken);

        // Defaults, not barriers: a session may set both again.
        await ExecuteAsync(session, "ALTER ROLE " + quoted + " SET search_path = public", cancellationToken);
        await ExecuteAsync(session, "ALTER ROLE " + quoted + " SET statement_timeout = '60s'", cancellationToken);
        await JoinGroupAsync(session, quoted, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Lets a role connect to a database that carries <paramref name="databaseMarker"/>.</summary>
    public static async Task GrantConnectAsync(NpgsqlConnection session, string role, string database, string databaseMarker, CancellationToken cancellationToken)
    {
        if (await DatabaseDdl.DescribeAsync(session, database, cancellationToken) is not { } found || found.Marker != databaseMarker)
        {
            throw new DatabaseConflictException("database_not_ours", database, "-");
        }

        await ExecuteAsync(session, "GRANT CONNECT ON DATABASE " + SqlIdentifier.Quote(database) + " TO " + SqlIdentifier.Quote(role), cancellationToken);
    }

    /// <summary>Drops a role that carries <paramref name="marker"/>; one that is not there or not ours is left alone.</summary>
    /// <returns>Whether a role was dropped.</returns>
    public static async Task<bool> DropAsync(NpgsqlConnection session, string role, string marker, CancellationToken cancellationToken)
    {
        if (await DescribeAsync(session, role, cancellationToken) is not { } found || found.Marker != marker)
        {
            return false;
        }

        await ExecuteAsync(session, "DROP ROLE " + SqlIdentifier.Quote(role), cancellationToken);
        return true;
    }

    /// <summary>Whether a role of that name is there and carries <paramref name="marker"/>.</summary>
    public static async Task<bool> IsOursAsync(NpgsqlConnection session, string role, string marker, CancellationToken cancellationToken) =>
        await DescribeAsync(session, role, cancellationToken) is { } found && found.Marker == marker;

    private static async Task JoinGroupAsync(NpgsqlConnection session, string quotedRole, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(session, "GRANT " + SqlIdentifier.Quote(TenantGroup) + " TO " + quotedRole, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            // From PostgreSQL 16 on CREATEROLE is not enough for a group that another role made.
            throw new RuleException("tenant_group_admin_missing", TenantGroup);
        }
    }

    private static async Task<RoleDescription?> DescribeAsync(NpgsqlConnection session, string role, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = $1", session)
        { Parameters = { new() { Value = role } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new RoleDescription(await reader.IsDBNullAsync(0, cancellationToken) ? null : reader.GetString(0))
            : null;
    }

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private sealed record RoleDescription(string? Marker);
}
