using Npgsql;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>
/// Closes a database, ends its sessions and renames it. If something that the portal can't end keeps it from that, the
/// exception names it and the operation waits. A tenant on its way to the trash can be reached again in the meantime.
/// </summary>
internal sealed class DatabaseClosing(TimeProvider time)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Refuses new connections, ends the sessions, and renames the database to <paramref name="newName"/> unless that
    /// is null. Opens the database again if something holds it. <paramref name="session"/> is a maintenance session.
    /// </summary>
    /// <exception cref="PersonNeededException">
    /// <c>tenant_held</c>; the database is open again under its own name.
    /// </exception>
    /// <exception cref="SessionsRemainException">
    /// Sessions remain; the database is open again under its own name.
    /// </exception>
    public async Task CloseOrReopenAsync(
        NpgsqlConnection session, string marker, string name, string? newName, CancellationToken cancellationToken)
    {
        try
        {
            await HolderCheck.RunAsync(
                session, name, () => DatabaseDdl.BlockAsync(session, marker, name, cancellationToken),
                cancellationToken);
            await EmptyAsync(session, name, cancellationToken);
            if (newName is not null)
            {
                await RenameEmptyAsync(session, marker, name, newName, cancellationToken);
            }
        }
        catch (Exception e) when (e is PersonNeededException or SessionsRemainException
            or PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege }
            or PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable })
        {
            await ReopenAsync(session, marker, name, cancellationToken);
            throw;
        }
    }

    /// <summary>
    /// Renames a database that refuses connections. Ends sessions that somebody opened in it nevertheless.
    /// </summary>
    /// <exception cref="PersonNeededException"><c>tenant_held</c>; it keeps its old name.</exception>
    public async Task RenameAsync(
        NpgsqlConnection session, string marker, string name, string newName, CancellationToken cancellationToken)
    {
        await EmptyAsync(session, name, cancellationToken);
        await RenameEmptyAsync(session, marker, name, newName, cancellationToken);
    }

    private static Task RenameEmptyAsync(
        NpgsqlConnection session, string marker, string name, string newName, CancellationToken cancellationToken) =>
            HolderCheck.RunAsync(
        session, name, () => DatabaseDdl.RenameAsync(session, marker, name, newName, cancellationToken),
        cancellationToken);

    // New connections are refused by now. A connection that was being opened at that moment is found in a later round.
    private async Task EmptyAsync(NpgsqlConnection session, string name, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var sessions = await DatabaseDdl.TerminateSessionsAsync(session, name, cancellationToken);
            if (sessions.Remaining == 0 || sessions.NotPermitted.Count > 0)
            {
                // Names all holders that appeared after the inspection before the first step.
                HolderCheck.DemandNone(name, await DatabaseHolders.ReadAsync(session, name, cancellationToken));
            }

            if (sessions.Remaining == 0)
            {
                return;
            }

            if (time.GetElapsedTime(started) > SessionTimeout)
            {
                throw new SessionsRemainException(name);
            }

            await Task.Delay(PollInterval, time, cancellationToken);
        }
    }

    private static async Task ReopenAsync(
        NpgsqlConnection session, string marker, string name, CancellationToken cancellationToken)
    {
        try
        {
            await DatabaseDdl.AllowAsync(session, marker, name, cancellationToken);
        }
        catch (PostgresException e) when (DatabaseHolders.MayExplain(e))
        {
            // The database has another owner, or somebody began to drop it: then the portal did not close it either. Or
            // a transaction elsewhere holds its row: then nobody can open it, and the transaction is named.
        }
        catch (DatabaseConflictException)
        {
            // The database is half-dropped, which the first exception already says.
        }
    }
}
