using Npgsql;

namespace Vigia.Core.Registry.Feed;

/// <summary>Whether this process can work with the master database.</summary>
public enum MasterState
{
    /// <summary>The master answers, and its notifications arrive.</summary>
    Healthy,

    /// <summary>
    /// The master answers. Its notifications are lost on the way, or nothing listens to them at the moment.
    /// </summary>
    WithoutNotifications,

    /// <summary>The master answers and refuses changes: it is a standby, or somebody made it read-only.</summary>
    ReadOnly,

    /// <summary>The master does not answer.</summary>
    Away,
}

/// <summary>The state of the master database, with the exception of a master that is away.</summary>
public sealed record MasterStanding(MasterState State, Exception? Failure = null);

/// <summary>Asks the master database whether it answers and takes changes.</summary>
public sealed class MasterHealth(NpgsqlDataSource master, MasterNotifications notifications)
{
    public async Task<MasterStanding> CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            // On a standby transaction_read_only is on as well.
            await using var command = master.CreateCommand("SELECT current_setting('transaction_read_only')::boolean");
            return new(await command.ExecuteScalarAsync(cancellationToken) is true ? MasterState.ReadOnly
                : notifications.IsPolling || notifications.IsLost ? MasterState.WithoutNotifications
                : MasterState.Healthy);
        }
        catch (NpgsqlException e)
        {
            return new(MasterState.Away, e);
        }
    }
}
