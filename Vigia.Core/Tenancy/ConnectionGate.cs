namespace Vigia.Core.Tenancy;

/// <summary>
/// Counts this instance's connections to a server, of all tenants together, and never lets there be more than its share
/// (<see cref="ConnectionShares"/>). Idle connections of others are closed first, the least recently used one before
/// all. When none is idle, requests wait, and the tenant that has the fewest connections comes first.
/// State of the process: the connections, the requests that wait, and the share.
/// </summary>
/// <remarks>It opens and closes nothing itself. What it returns for closing counts until it is closed.</remarks>
internal sealed class ConnectionGate(TimeProvider time)
{
    // A connection that changes its tenant has to be opened anew, which takes as long as many requests. Therefore a
    // tenant that has connections waits for so long for one of its own, before it takes one of another tenant.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly LinkedList<ConnectionSlot> _idle = new();
    private readonly HashSet<TenantPool> _waiting = [];
    private readonly TaskCompletionSource _wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;
    private int _limit;
    private long _validUntil;
    private long _lastFailure = long.MinValue;

    /// <summary>The id of this instance in the table of the shares.</summary>
    public Guid Instance { get; } = Guid.NewGuid();

    /// <summary>The name under which the server lists this instance's connections.</summary>
    public string ApplicationName => $"{ConnectionShares.NamePrefix}{Instance:N}";

    /// <summary>Ends when this instance needs a share.</summary>
    public Task Wanted => _wanted.Task;

    /// <summary>The connections that are open, being opened or being closed.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    /// <summary>Whether the share may still be used: a lease that was not renewed in time belongs to others.</summary>
    public bool IsValid
    {
        get
        {
            lock (_lock)
            {
                return IsValidNow;
            }
        }
    }

    /// <summary>The last moment at which a connection was found to be lost.</summary>
    public long LastFailure => Interlocked.Read(ref _lastFailure);

    private bool IsValidNow => time.GetTimestamp() < _validUntil;

    /// <summary>This instance needs a share. The first request that has to wait says so too.</summary>
    public void Want() => _wanted.TrySetResult();

    /// <summary>Connections that were used last before now may be lost too.</summary>
    public void RecordFailure() => Interlocked.Exchange(ref _lastFailure, time.GetTimestamp());

    /// <summary>Takes a connection, or the permission to open one.</summary>
    /// <returns>Null when the pool is retired: the tenant has changed.</returns>
    /// <exception cref="TenantRefusedException"><c>connections_busy</c>: none became free in time.</exception>
    public async ValueTask<ConnectionSlot?> RentAsync(
        TenantPool pool, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ConnectionWaiter waiter;
        lock (_lock)
        {
            if (pool.IsRetired)
            {
                return null;
            }

            if (TakeAtOnce(pool, pool.HasNone) is { } slot)
            {
                return Give(slot, pool);
            }

            waiter = new ConnectionWaiter(time.GetTimestamp());
            pool.Waiters.AddLast(waiter);
            _waiting.Add(pool);
        }

        Want();
        try
        {
            if (!await waiter.IsServedWithinAsync(Patience, time, cancellationToken))
            {
                EndPatience(waiter);
                if (!await waiter.IsServedWithinAsync(timeout - Patience, time, cancellationToken)
                    && TryLeave(pool, waiter))
                {
                    throw new TenantRefusedException(TenantRefusal.ConnectionsBusy)
                    {
                        RetryAfter = TenantSessions.AskAgain,
                    };
                }
            }
        }
        catch (OperationCanceledException) when (!TryLeave(pool, waiter))
        {
            // It was given one at the same moment.
            return await waiter.Task;
        }

        return await waiter.Task;
    }

    /// <summary>Gives back a connection that can be used again.</summary>
    /// <returns>Whether the caller has to close it and call <see cref="Remove"/>.</returns>
    public bool Return(ConnectionSlot slot)
    {
        lock (_lock)
        {
            var pool = slot.Pool;
            slot.LastUsed = pool.LastUsed = time.GetTimestamp();
            pool.Rented--;
            if (pool.IsRetired || _count > _limit)
            {
                return true;
            }

            if (NextAfter(pool) is { } next)
            {
                Grant(next, slot);
                return false;
            }

            pool.Idle.Add(slot);
            _idle.AddLast(slot);
            return false;
        }
    }

    /// <summary>A connection that was rented could not be opened, and nothing of it is open.</summary>
    public void RemoveRented(ConnectionSlot slot)
    {
        lock (_lock)
        {
            slot.Pool.Rented--;
            _count--;
            GrantToWaiting();
        }
    }

    /// <summary>A connection that nobody rents is closed.</summary>
    public void Remove()
    {
        lock (_lock)
        {
            _count--;
            GrantToWaiting();
        }
    }

    /// <summary>Lets nobody use the pool any more. Those that wait look at their tenant again.</summary>
    /// <returns>Its idle connections, which the caller closes.</returns>
    public IReadOnlyList<ConnectionSlot> Retire(TenantPool pool)
    {
        lock (_lock)
        {
            pool.IsRetired = true;
            _waiting.Remove(pool);
            foreach (var waiter in pool.Waiters)
            {
                waiter.SetResult(null);
            }

            pool.Waiters.Clear();
            List<ConnectionSlot> idle = [.. pool.Idle];
            foreach (var slot in idle)
            {
                _idle.Remove(slot);
            }

            pool.Idle.Clear();
            return idle;
        }
    }

    /// <summary>Retires a pool that has had nothing to do since <paramref name="moment"/>.</summary>
    public bool TryRetireUnused(TenantPool pool, long moment)
    {
        lock (_lock)
        {
            if (pool is { Rented: 0, Idle.Count: 0, Waiters.Count: 0 } && pool.LastUsed < moment)
            {
                pool.IsRetired = true;
            }

            return pool.IsRetired;
        }
    }

    /// <summary>Takes the idle connections that were used last before <paramref name="moment"/>.</summary>
    /// <returns>What the caller closes.</returns>
    public IReadOnlyList<ConnectionSlot> TakeIdleSince(long moment)
    {
        lock (_lock)
        {
            return TakeIdle(slot => slot.LastUsed < moment);
        }
    }

    /// <summary>
    /// Lowers the limit to <paramref name="limit"/> where it is higher. From now on no more than the returned number
    /// is open until <see cref="Raise"/>.
    /// </summary>
    public int Lower(int limit, out IReadOnlyList<ConnectionSlot> toClose)
    {
        lock (_lock)
        {
            _limit = Math.Min(_limit, limit);
            var over = _count - _limit;
            toClose = TakeIdle(_ => over-- > 0);
            return Math.Max(_count, _limit);
        }
    }

    /// <summary>Allows this many connections until a moment.</summary>
    public void Raise(int limit, long validUntil)
    {
        lock (_lock)
        {
            (_limit, _validUntil) = (limit, validUntil);
            GrantToWaiting();
        }
    }

    private void EndPatience(ConnectionWaiter waiter)
    {
        lock (_lock)
        {
            waiter.IsImpatient = true;
            GrantToWaiting();
        }
    }

    private ConnectionSlot? TakeAtOnce(TenantPool pool, bool mayTakeOthers)
    {
        if (pool.Idle.Count > 0)
        {
            var own = pool.Idle[^1];
            pool.Idle.RemoveAt(pool.Idle.Count - 1);
            _idle.Remove(own);
            return own;
        }

        if (!IsValidNow || _count > _limit)
        {
            return null;
        }

        if (_count < _limit)
        {
            _count++;
            return new ConnectionSlot { Pool = pool };
        }

        return mayTakeOthers ? TakeOldest() : null;
    }

    private ConnectionSlot? TakeOldest()
    {
        if (_idle.First?.Value is not { } oldest)
        {
            return null;
        }

        _idle.RemoveFirst();
        oldest.Pool.Idle.Remove(oldest);
        return oldest;
    }

    private List<ConnectionSlot> TakeIdle(Func<ConnectionSlot, bool> condition)
    {
        List<ConnectionSlot> taken = [];
        while (_idle.First?.Value is { } oldest && condition(oldest))
        {
            taken.Add(TakeOldest()!);
        }

        return taken;
    }

    private void GrantToWaiting()
    {
        while (Neediest(_ => true) is { } pool && TakeAtOnce(pool, mayTakeOthers: false) is { } slot)
        {
            Grant(pool, slot);
        }

        while (Neediest(MayTakeOthers) is { } pool && TakeAtOnce(pool, mayTakeOthers: true) is { } slot)
        {
            Grant(pool, slot);
        }
    }

    private void Grant(TenantPool pool, ConnectionSlot slot)
    {
        var waiter = pool.Waiters.First!.Value;
        pool.Waiters.RemoveFirst();
        if (pool.Waiters.Count == 0)
        {
            _waiting.Remove(pool);
        }

        waiter.SetResult(Give(slot, pool));
    }

    private static ConnectionSlot Give(ConnectionSlot slot, TenantPool pool)
    {
        pool.Rented++;
        slot.Pool = pool;
        return slot;
    }

    private static bool MayTakeOthers(TenantPool waiting) =>
        waiting.HasNone || waiting.Waiters.First!.Value.IsImpatient;

    // The one with the fewest connections, and among those the one that has waited longest.
    private TenantPool? Neediest(Func<TenantPool, bool> condition)
    {
        TenantPool? neediest = null;
        foreach (var pool in _waiting)
        {
            if (condition(pool) && (neediest is null || (pool.Rented, pool.Waiters.First!.Value.Since)
                .CompareTo((neediest.Rented, neediest.Waiters.First!.Value.Since)) < 0))
            {
                neediest = pool;
            }
        }

        return neediest;
    }

    // The tenant that gets the connection which a request of this one has given back.
    private TenantPool? NextAfter(TenantPool own)
    {
        var waitingOwn = own.Waiters.Count > 0 ? own : null;
        if (!IsValidNow || Neediest(MayTakeOthers) is not { } neediest)
        {
            return waitingOwn;
        }

        var keeps = own.Rented < neediest.Rented || (own.Rented == neediest.Rented
            && time.GetElapsedTime(neediest.Waiters.First!.Value.Since) < Patience);
        return keeps ? waitingOwn ?? neediest : neediest;
    }

    private bool TryLeave(TenantPool pool, ConnectionWaiter waiter)
    {
        lock (_lock)
        {
            if (waiter.Task.IsCompleted)
            {
                return false;
            }

            pool.Waiters.Remove(waiter);
            if (pool.Waiters.Count == 0)
            {
                _waiting.Remove(pool);
            }

            return true;
        }
    }
}
