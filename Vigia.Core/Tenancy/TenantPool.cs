using Npgsql;

namespace Vigia.Core.Tenancy;

/// <summary>
/// The connections of one tenant with one credential. <see cref="ConnectionGate"/> alone changes its members, under its
/// lock, except for the remembered refusal.
/// </summary>
/// <param name="entry">The tenant, as it was when the pool was made.</param>
/// <param name="settings">Address, role and password of its sessions.</param>
internal sealed class TenantPool(TenantEntry entry, NpgsqlConnectionStringBuilder settings)
{
    private volatile RememberedRefusal? _refusal;

    public TenantEntry Entry => entry;

    public NpgsqlConnectionStringBuilder Settings => settings;

    /// <summary>The connections that nobody uses, the last used one at the end.</summary>
    public LinkedList<ConnectionSlot> Idle { get; } = new();

    /// <summary>The requests that wait for a connection, in the order in which they came.</summary>
    public LinkedList<ConnectionWaiter> Waiters { get; } = new();

    /// <summary>How many connections requests use, or are opening.</summary>
    public int Rented { get; set; }

    /// <summary>Whether it has no connection, and none is being opened.</summary>
    public bool HasNone => Rented == 0 && Idle.Count == 0;

    /// <summary>Whether the tenant has changed, so that nobody gets a connection of this pool any more.</summary>
    public bool IsRetired { get; set; }

    public long LastUsed { get; set; }

    /// <summary>When a request got a connection most recently.</summary>
    public long LastGranted { get; set; }

    /// <summary>
    /// Refuses all requests until a moment, because the server has just refused one. Each attempt to log in takes a
    /// connection away from other tenants.
    /// </summary>
    public void Refuse(TenantRefusal refusal, long until) => _refusal = new(refusal, until);

    /// <summary>The refusal that holds at this moment.</summary>
    public TenantRefusal RefusalAt(long moment) =>
        _refusal is { } known && moment < known.Until ? known.Refusal : TenantRefusal.None;

    /// <summary>Whether a session for this entry would be opened in the same way.</summary>
    public bool IsFor(TenantEntry other) =>
        (entry.CredentialId, entry.DatabaseId, entry.ServerId, entry.DatabaseName)
        == (other.CredentialId, other.DatabaseId, other.ServerId, other.DatabaseName);

    private sealed record RememberedRefusal(TenantRefusal Refusal, long Until);
}

/// <summary>A request that waits for a connection.</summary>
internal sealed class ConnectionWaiter : TaskCompletionSource<ConnectionSlot?>
{
    /// <param name="since">When it began to wait.</param>
    public ConnectionWaiter(long since)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        Since = since;
        Node = new(this);
    }

    /// <summary>When it began to wait.</summary>
    public long Since { get; }

    /// <summary>Its place in the queue of its tenant.</summary>
    public LinkedListNode<ConnectionWaiter> Node { get; }

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
