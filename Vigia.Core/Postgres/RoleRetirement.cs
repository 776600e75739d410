using Npgsql;

namespace Vigia.Core.Postgres;

/// <summary>Takes a login role of ours out of use without ending a session: closed, emptied, its right to connect taken, then dropped.</summary>
public static class RoleRetirement
{
    /// <summary>How many sessions these roles have on the whole server.</summary>
    public static async Task<int> CountSessionsAsync(NpgsqlConnection session, string[] roles, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT count(*)::int FROM pg_stat_activity WHERE usename = ANY ($1)", session) { Parameters = { new() { Value = roles } } };
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>No new session can log in; those that are open go on. A role that is not there or not ours is left alone.</summary>
    public static async Task CloseAsync(NpgsqlConnection session, string role, string marker, CancellationToken cancellationToken)
    {
        if (await RoleDdl.IsOursAsync(session, role, marker, cancellationToken))
        {
            await MasterDatabase.ExecuteAsync(session, "ALTER ROLE " + SqlIdentifier.Quote(role) + " NOLOGIN", cancellationToken);
        }
    }

    /// <summary>Takes the right to connect to a database that carries <paramref name="databaseMarker"/>; a role that holds a right can't be dropped.</summary>
    public static async Task RevokeConnectAsync(NpgsqlConnection session, string role, string database, string databaseMarker, CancellationToken cancellationToken)
    {
        await using var exists = new NpgsqlCommand("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", session) { Parameters = { new() { Value = role } } };
        if (await exists.ExecuteScalarAsync(cancellationToken) is true
            && await DatabaseDdl.DescribeAsync(session, database, cancellationToken) is { } found && found.Marker == databaseMarker)
        {
            await MasterDatabase.ExecuteAsync(session, "REVOKE ALL ON DATABASE " + SqlIdentifier.Quote(database) + " FROM " + SqlIdentifier.Quote(role), cancellationToken);
        }
    }

    /// <summary>Whether anything on the server belongs to the role.</summary>
    public static async Task<bool> OwnsAnythingAsync(NpgsqlConnection session, string role, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT EXISTS (SELECT FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass AND refobjid = (SELECT oid FROM pg_roles WHERE rolname = $1) AND deptype = 'o')", session)
        { Parameters = { new() { Value = role } } };
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>Gives what <paramref name="from"/> owns in the session's database to <paramref name="to"/>.</summary>
    public static async Task ReassignAsync(NpgsqlConnection session, string from, string to, CancellationToken cancellationToken)
    {
        // Only who is a member of both may; the membership lasts as long as the transaction.
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        var (old, heir) = (SqlIdentifier.Quote(from), SqlIdentifier.Quote(to));
        await MasterDatabase.ExecuteAsync(session, $"GRANT {old}, {heir} TO CURRENT_USER", cancellationToken);
        await MasterDatabase.ExecuteAsync(session, $"REASSIGN OWNED BY {old} TO {heir}", cancellationToken);
        await MasterDatabase.ExecuteAsync(session, $"REVOKE {old}, {heir} FROM CURRENT_USER", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
