namespace Vigia.Core.Tenancy;

/// <summary>
/// The requests that wait for a connection, and which of them comes next. <see cref="ConnectionGate"/> alone uses it,
/// under its lock.
/// </summary>
internal sealed class ConnectionQueue(TimeProvider time)
{
    public static readonly TimeSpan LeastPatience = TimeSpan.FromMilliseconds(50);

    // On a busy machine, opening a connection takes longer. If requests did not wait longer, too, they would take more
    // connections of other tenants. Each of these has to be opened, so all requests would wait still longer.
    private const int OpeningsOfPatience = 4;
    private const double WeightOfNewest = 0.2;

    // A tenant that has waited this long counts as one without connections. Otherwise it would wait as long as requests
    // of tenants without connections keep coming.
    private static readonly TimeSpan LongWait = TimeSpan.FromSeconds(1);

    // More requests of one tenant would not be served in time, and each of them costs memory.
    private const int MostOfOneTenant = 200;

    private readonly HashSet<TenantPool> _waiting = [];

    /// <summary>
    /// A connection can't change its tenant: another one has to be opened, which takes as long as many requests. So a
    /// tenant that has connections waits this long for its own before it takes one of another tenant.
    /// </summary>
    public TimeSpan Patience { get; private set; } = LeastPatience;

    /// <summary>Records how long it took to open a connection.</summary>
    public void NoteOpening(TimeSpan took)
    {
        var next = (Patience * (1 - WeightOfNewest)) + (took * OpeningsOfPatience * WeightOfNewest);
        Patience = next < LeastPatience ? LeastPatience : next < LongWait ? next : LongWait;
    }

    public int Count => _waiting.Sum(pool => pool.Waiters.Count);

    /// <summary>Adds a request. Null when too many of its tenant wait already.</summary>
    public ConnectionWaiter? TryAdd(TenantPool pool)
    {
        if (pool.Waiters.Count >= MostOfOneTenant)
        {
            return null;
        }

        var waiter = new ConnectionWaiter(time.GetTimestamp());
        pool.Waiters.AddLast(waiter.Node);
        _waiting.Add(pool);
        return waiter;
    }

    /// <summary>Removes a request. False when it waits no longer.</summary>
    public bool Remove(TenantPool pool, ConnectionWaiter waiter)
    {
        if (waiter.Node.List is null)
        {
            return false;
        }

        pool.Waiters.Remove(waiter.Node);
        ForgetIfEmpty(pool);
        return true;
    }

    public ConnectionWaiter TakeFirst(TenantPool pool)
    {
        var waiter = pool.Waiters.First!.Value;
        pool.Waiters.RemoveFirst();
        ForgetIfEmpty(pool);
        return waiter;
    }

    public IReadOnlyList<ConnectionWaiter> TakeAll(TenantPool pool)
    {
        List<ConnectionWaiter> waiters = [.. pool.Waiters];
        pool.Waiters.Clear();
        _waiting.Remove(pool);
        return waiters;
    }

    /// <summary>Takes the requests of all tenants that use no connection.</summary>
    public IReadOnlyList<ConnectionWaiter> TakeAllWithoutConnection() =>
        [.. _waiting.Where(pool => pool.Rented == 0).ToList().SelectMany(TakeAll)];

    /// <summary>
    /// The tenant with the fewest connections, and among those the one that has waited longest.
    /// <paramref name="mayTakeOthers"/> asks for one that does not wait for a connection of its own.
    /// </summary>
    public TenantPool? Neediest(bool mayTakeOthers)
    {
        TenantPool? neediest = null;
        foreach (var pool in _waiting)
        {
            if ((!mayTakeOthers || MayTakeOthers(pool)) && (neediest is null
                || (CountOf(pool), SinceOf(pool)).CompareTo((CountOf(neediest), SinceOf(neediest))) < 0))
            {
                neediest = pool;
            }
        }

        return neediest;
    }

    /// <summary>Chooses the tenant that gets the connection which a request of this one has given back.</summary>
    /// <param name="own">The tenant of that request.</param>
    /// <param name="mayMove">Whether another tenant may get it, which opens a connection of its own then.</param>
    public TenantPool? ChooseNextWaiter(TenantPool own, bool mayMove)
    {
        var waitingOwn = own.Waiters.Count > 0 ? own : null;
        if (!mayMove || Neediest(mayTakeOthers: true) is not { } neediest)
        {
            return waitingOwn;
        }

        var keeps = own.Rented < CountOf(neediest)
            || (own.Rented == CountOf(neediest) && time.GetElapsedTime(SinceOf(neediest)) < Patience);
        return keeps ? waitingOwn ?? neediest : neediest;
    }

    private static bool MayTakeOthers(TenantPool waiting) =>
        waiting.HasNone || waiting.Waiters.First!.Value.IsImpatient;

    private static long SinceOf(TenantPool waiting) => waiting.Waiters.First!.Value.Since;

    private int CountOf(TenantPool waiting) =>
        time.GetElapsedTime(Math.Max(SinceOf(waiting), waiting.LastGranted)) > LongWait ? 0 : waiting.Rented;

    private void ForgetIfEmpty(TenantPool pool)
    {
        if (pool.Waiters.Count == 0)
        {
            _waiting.Remove(pool);
        }
    }
}
