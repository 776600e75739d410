namespace Vigia.Core.Tenancy;

/// <summary>
/// Counts this instance's connections to a server, of all tenants together, and never allows more than its share
/// (<see cref="ConnectionShares"/>). When the share is used up, the least recently used idle connection of another
/// tenant is closed. When none is idle, requests wait, and the tenant that has the fewest connections comes first.
/// State of the process: the connections, the requests that wait (<see cref="ConnectionQueue"/>), and the share.
/// </summary>
/// <remarks>It opens and closes nothing itself. A connection that the caller has to close counts until then.</remarks>
internal sealed class ConnectionGate(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<ConnectionSlot> _idle = new();
    private readonly ConnectionQueue _queue = new(time);
    private readonly TaskCompletionSource _shareRequested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;
    private int _limit;
    private long _validUntil;
    private bool _renewalFailed;
    private long _lastFailure = long.MinValue;

    /// <summary>The id of this instance in the table of the shares.</summary>
    public Guid Instance { get; } = Guid.NewGuid();

    /// <summary>The name under which the server lists this instance's connections.</summary>
    public string ApplicationName => $"{ConnectionShares.NamePrefix}{Instance:N}";

    /// <summary>Completes when this instance needs a share.</summary>
    public Task ShareRequested => _shareRequested.Task;

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

    /// <summary>How many requests wait for a connection.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _queue.Count;
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

    /// <summary>
    /// Whether a slot's connection may be opened now, or kept after it was opened. The share may be lost while a
    /// connection is being opened.
    /// </summary>
    public bool MayOpen
    {
        get
        {
            lock (_lock)
            {
                return IsValidNow && _count <= _limit;
            }
        }
    }

    /// <summary>The last moment at which a connection was found to be lost.</summary>
    public long LastFailure => Interlocked.Read(ref _lastFailure);

    private bool IsValidNow => time.GetTimestamp() < _validUntil;

    /// <summary>The connections of a pool and of all together, at one moment.</summary>
    /// <param name="pool">The pool; null for a tenant that has none.</param>
    public ConnectionStanding StandingOf(TenantPool? pool)
    {
        lock (_lock)
        {
            return new(
                pool is null ? 0 : pool.Rented + pool.Idle.Count, pool?.Idle.Count ?? 0, pool?.Waiters.Count ?? 0,
                _count, IsValidNow ? _limit : null, null);
        }
    }

    /// <summary>This instance needs a share. The first request that has to wait says so too.</summary>
    public void RequestShare() => _shareRequested.TrySetResult();

    /// <summary>Connections that were used last before now may be lost too.</summary>
    public void RecordFailure() => Interlocked.Exchange(ref _lastFailure, time.GetTimestamp());

    /// <summary>Takes a connection, or the permission to open one.</summary>
    /// <returns>Null when the pool is retired: the tenant has changed.</returns>
    /// <exception cref="TenantRefusedException">
    /// <c>connections_busy</c>: none became free in time. <c>registry_unavailable</c>: the lease of the share has
    /// ended, and could not be renewed.
    /// </exception>
    public async ValueTask<ConnectionSlot?> RentAsync(
        TenantPool pool, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ConnectionWaiter waiter;
        TimeSpan patience;
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

            if (_renewalFailed && !IsValidNow && pool.Rented == 0)
            {
                throw Refused(TenantRefusal.RegistryUnavailable);
            }

            waiter = _queue.TryAdd(pool) ?? throw Refused(TenantRefusal.ConnectionsBusy);
            patience = _queue.Patience < timeout ? _queue.Patience : timeout;
        }

        RequestShare();
        try
        {
            if (!await waiter.IsServedWithinAsync(patience, time, cancellationToken))
            {
                EndPatience(waiter);
                if (!await waiter.IsServedWithinAsync(timeout - patience, time, cancellationToken)
                    && TryLeave(pool, waiter))
                {
                    throw Refused(IsValid ? TenantRefusal.ConnectionsBusy : TenantRefusal.RegistryUnavailable);
                }
            }
        }
        catch (OperationCanceledException) when (!TryLeave(pool, waiter))
        {
            // The request was given a connection at the same moment.
            return await waiter.Task;
        }

        return await waiter.Task;
    }

    /// <summary>Records how long it took to open a connection.</summary>
    public void NoteOpening(TimeSpan took)
    {
        lock (_lock)
        {
            _queue.NoteOpening(took);
        }
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

            if (_queue.ChooseNextWaiter(pool, mayMove: IsValidNow) is { } next)
            {
                Grant(next, slot);
                return false;
            }

            pool.Idle.AddLast(slot.NodeOfPool);
            _idle.AddLast(slot.NodeOfAll);
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
            foreach (var waiter in _queue.TakeAll(pool))
            {
                waiter.SetResult(null);
            }

            List<ConnectionSlot> idle = [.. pool.Idle];
            foreach (var slot in idle)
            {
                _idle.Remove(slot.NodeOfAll);
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
    /// <returns>The connections that the caller has to close.</returns>
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
            // After the lease has ended, others may have taken the free part of the share. Only open connections still
            // count.
            _limit = Math.Min(IsValidNow ? _limit : _count, limit);
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
            (_limit, _validUntil, _renewalFailed) = (limit, validUntil, false);
            GrantToWaiting();
        }
    }

    /// <summary>
    /// The share could not be renewed. Once its lease has ended, requests whose tenant has no connection are refused at
    /// once: they would wait in vain.
    /// </summary>
    public void RecordRenewalFailure()
    {
        lock (_lock)
        {
            _renewalFailed = true;
            if (IsValidNow)
            {
                return;
            }

            foreach (var waiter in _queue.TakeAllWithoutConnection())
            {
                waiter.SetException(Refused(TenantRefusal.RegistryUnavailable));
            }
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
        if (pool.Idle.Last?.Value is { } own)
        {
            pool.Idle.RemoveLast();
            _idle.Remove(own.NodeOfAll);
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
        oldest.Pool.Idle.Remove(oldest.NodeOfPool);
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
        while (_queue.Neediest(mayTakeOthers: false) is { } pool && TakeAtOnce(pool, mayTakeOthers: false) is { } slot)
        {
            Grant(pool, slot);
        }

        while (_queue.Neediest(mayTakeOthers: true) is { } pool && TakeAtOnce(pool, mayTakeOthers: true) is { } slot)
        {
            Grant(pool, slot);
        }
    }

    private void Grant(TenantPool pool, ConnectionSlot slot) =>
        _queue.TakeFirst(pool).SetResult(Give(slot, pool));

    private ConnectionSlot Give(ConnectionSlot slot, TenantPool pool)
    {
        pool.Rented++;
        pool.LastGranted = time.GetTimestamp();
        slot.Pool = pool;
        return slot;
    }

    private bool TryLeave(TenantPool pool, ConnectionWaiter waiter)
    {
        lock (_lock)
        {
            return !waiter.Task.IsCompleted && _queue.Remove(pool, waiter);
        }
    }

    internal static TenantRefusedException Refused(TenantRefusal refusal) =>
        new(refusal) { RetryAfter = TenantSessions.RetryAfterBusy };
}
