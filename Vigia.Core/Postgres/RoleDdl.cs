using Npgsql;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Postgres;

/// <summary>
/// Creates and drops the login roles of tenants, on a maintenance session of the portal's own role (CREATEROLE, no
/// superuser).
/// </summary>
public static class RoleDdl
{
    /// <summary>How long a statement of a tenant's role may take, unless its session says otherwise.</summary>
    internal const string StatementTimeout = "60s";

    /// <summary>
    /// The cluster-wide NOLOGIN role to which the objects of every tenant database are granted. It may not connect to
    /// any database.
    /// </summary>
    public const string TenantGroup = "vigia_tenant";

    /// <summary>The largest number of concurrent sessions of a tenant's role.</summary>
    public const int ConnectionLimit = 100;

    /// <summary>Creates <see cref="TenantGroup"/> if it does not exist.</summary>
    public static async Task EnsureTenantGroupAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        if (await DescribeAsync(session, TenantGroup, cancellationToken) is not null)
        {
            return;
        }

        try
        {
            await ExecuteAsync(session, "CREATE ROLE " + SqlIdentifier.Quote(TenantGroup) + " NOLOGIN",
                cancellationToken);
        }
        catch (PostgresException e) when (
            e.SqlState is PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.UniqueViolation)
        {
            // Another portal on this server created it at the same moment.
        }
    }

    /// <summary>
    /// Creates a tenant's login role, or sets the verifier of one that already belongs to the portal. The role gets a
    /// SCRAM verifier and never a password, because DDL may be logged (docs/rules.md#secrets). The marker comes from
    /// <see cref="DatabaseMarker.ForRole"/>.
    /// </summary>
    /// <exception cref="RoleConflictException">
    /// A role with this name exists and does not belong to the portal.
    /// </exception>
    public static async Task CreateLoginAsync(
        NpgsqlConnection session, string role, string scramVerifier, string marker, CancellationToken cancellationToken)
    {
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        var quoted = SqlIdentifier.Quote(role);
        var (verb, attributes) = ("ALTER ROLE ", "");
        if (await DescribeAsync(session, role, cancellationToken) is not { } present)
        {
            // In ALTER ROLE only a superuser may name these attributes, even to remove them. A role of the portal never
            // had them.
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
                + ConnectionLimit.ToString(System.Globalization.CultureInfo.InvariantCulture) + " PASSWORD "
                    + SqlLiteral.Quote(scramVerifier),
                cancellationToken);
        }
        catch (PostgresException e) when (
            e.SqlState is PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.UniqueViolation)
        {
            throw new RoleConflictException(role);
        }

        await ExecuteAsync(session, "COMMENT ON ROLE " + quoted + " IS " + SqlLiteral.Quote(marker), cancellationToken);

        // These are defaults, not limits: a session may change both.
        await ExecuteAsync(session, "ALTER ROLE " + quoted + " SET search_path = public", cancellationToken);
        await ExecuteAsync(
            session, $"ALTER ROLE {quoted} SET statement_timeout = '{StatementTimeout}'", cancellationToken);
        await JoinGroupAsync(session, quoted, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>
    /// Sets the verifier of a role that carries <paramref name="marker"/>; null takes its password away, so that it
    /// can't log in any more (28P01). Open sessions continue. Does nothing when the role is not ours.
    /// </summary>
    public static async Task SetVerifierAsync(
        NpgsqlConnection session, string role, string? scramVerifier, string marker,
        CancellationToken cancellationToken)
    {
        if (await IsOursAsync(session, role, marker, cancellationToken))
        {
            await ExecuteAsync(
                session, "ALTER ROLE " + SqlIdentifier.Quote(role) + " PASSWORD "
                    + (scramVerifier is null ? "NULL" : SqlLiteral.Quote(scramVerifier)), cancellationToken);
        }
    }

    /// <summary>Grants a role CONNECT on a database that carries <paramref name="databaseMarker"/>.</summary>
    public static async Task GrantConnectAsync(
        NpgsqlConnection session, string role, string database, string databaseMarker,
        CancellationToken cancellationToken)
    {
        if (await DatabaseDdl.DescribeAsync(session, database, cancellationToken) is not { } found
            || found.Marker != databaseMarker)
        {
            throw new DatabaseConflictException("database_not_ours", database, "-");
        }

        await ExecuteAsync(session,
            "GRANT CONNECT ON DATABASE " + SqlIdentifier.Quote(database) + " TO " + SqlIdentifier.Quote(role),
            cancellationToken);
    }

    /// <summary>
    /// Drops a role that carries <paramref name="marker"/>. Does nothing when the role does not exist or carries
    /// another marker.
    /// </summary>
    /// <returns>Whether a role was dropped.</returns>
    /// <exception cref="PostgresException">
    /// 2BP01: an object depends on the role. 55P03: an open transaction grants a right to the role.
    /// </exception>
    public static async Task<bool> DropAsync(
        NpgsqlConnection session, string role, string marker, CancellationToken cancellationToken)
    {
        if (await DescribeAsync(session, role, cancellationToken) is not { } found || found.Marker != marker)
        {
            return false;
        }

        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(session, "SET LOCAL lock_timeout = '3s'", cancellationToken);
        await ExecuteAsync(session, "DROP ROLE " + SqlIdentifier.Quote(role), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Whether a role with this name exists and carries <paramref name="marker"/>.</summary>
    public static async Task<bool> IsOursAsync(
        NpgsqlConnection session, string role, string marker, CancellationToken cancellationToken) =>
        await DescribeAsync(session, role, cancellationToken) is { } found && found.Marker == marker;

    internal static async Task JoinGroupAsync(
        NpgsqlConnection session, string quotedRole, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(session, "GRANT " + SqlIdentifier.Quote(TenantGroup) + " TO " + quotedRole,
                cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            // Since PostgreSQL 16, CREATEROLE is not enough for a group that another role created.
            throw new RuleException("tenant_group_admin_missing", TenantGroup);
        }
    }

    private static async Task<RoleDescription?> DescribeAsync(
        NpgsqlConnection session, string role, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT left(shobj_description(oid, 'pg_authid'), {DatabaseMarker.LongestRead})
            FROM pg_roles WHERE rolname = $1
            """, session)
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
