using Npgsql;

namespace Vigia.Core.Tenancy;

/// <summary>
/// The connections of one tenant with one credential. <see cref="ConnectionGate"/> alone changes its members, under its
/// lock.
/// </summary>
/// <param name="entry">The tenant, as it was when the pool was made.</param>
/// <param name="settings">Address, role and password of its sessions.</param>
internal sealed class TenantPool(TenantEntry entry, NpgsqlConnectionStringBuilder settings)
{
    public TenantEntry Entry => entry;

    public NpgsqlConnectionStringBuilder Settings => settings;

    /// <summary>The connections that nobody uses, the last used one at the end.</summary>
    public List<ConnectionSlot> Idle { get; } = [];

    /// <summary>The requests that wait for a connection, in the order in which they came.</summary>
    public LinkedList<ConnectionWaiter> Waiters { get; } = new();

    /// <summary>How many connections requests use, or are opening.</summary>
    public int Rented { get; set; }

    /// <summary>Whether it has no connection, and none is being opened.</summary>
    public bool HasNone => Rented == 0 && Idle.Count == 0;

    /// <summary>Whether the tenant has changed, so that nobody gets a connection of this pool any more.</summary>
    public bool IsRetired { get; set; }

    public long LastUsed { get; set; }

    /// <summary>Whether a session for this entry would be opened in the same way.</summary>
    public bool IsFor(TenantEntry other) =>
        (entry.CredentialId, entry.DatabaseId, entry.ServerId, entry.DatabaseName)
        == (other.CredentialId, other.DatabaseId, other.ServerId, other.DatabaseName);
}

/// <summary>A request that waits for a connection.</summary>
/// <param name="since">When it began to wait.</param>
internal sealed class ConnectionWaiter(long since)
    : TaskCompletionSource<ConnectionSlot?>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public long Since => since;

    /// <summary>Whether it has waited so long that it may take the connection of another tenant.</summary>
    public bool IsImpatient { get; set; }

    /// <summary>Waits for a connection. False when none came in this time.</summary>
    public async Task<bool> IsServedWithinAsync(
        TimeSpan span, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WaitAsync(span > TimeSpan.Zero ? span : TimeSpan.Zero, time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
