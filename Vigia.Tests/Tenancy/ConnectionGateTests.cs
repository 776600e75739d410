using Microsoft.Extensions.Time.Testing;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenancy;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenancy;

/// <summary>The count of an instance's connections, and which request gets the next one.</summary>
public sealed class ConnectionGateTests
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);
    private readonly FakeTimeProvider _time = new();
    private readonly ConnectionGate _gate;
    private int _tenants;

    public ConnectionGateTests() => _gate = new ConnectionGate(_time);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static void Repeat(Action act, int times)
    {
        for (var time = 0; time < times; time++)
        {
            act();
        }
    }

    [Fact]
    public async Task Rent_AllInUse_WaitsAndIsRefusedInTime()
    {
        Allow(1);
        var (one, other) = (Pool(), Pool());
        await RentAsync(one);

        var waiting = RentAsync(other);
        await Eventually.HoldsAsync("the waiting ends", () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(waiting.IsCompleted);
        }, Cancellation);

        var refused = await Assert.ThrowsAsync<TenantRefusedException>(() => waiting);
        Assert.Equal(TenantRefusal.ConnectionsBusy, refused.Refusal);
        Assert.Equal("connections_busy", refused.Reason.Code);
        Assert.True(refused.RetryAfter > TimeSpan.Zero);
        Assert.Equal((1, 0), (_gate.Count, other.Waiters.Count));
    }

    [Fact]
    public async Task Rent_IdleOfOthers_TakesTheLeastRecentlyUsed()
    {
        Allow(2);
        var (first, second, third) = (Pool(), Pool(), Pool());
        var (older, newer) = (await RentAsync(first), await RentAsync(second));
        _gate.Return(older!);
        _time.Advance(TimeSpan.FromSeconds(1));
        _gate.Return(newer!);

        Assert.Same(older, await RentAsync(third));
        Assert.Same(newer, await RentAsync(second));
        Assert.Equal((2, 0, 0), (_gate.Count, first.Idle.Count, first.Rented));
    }

    /// <summary>A single request waits for one of another tenant's many requests at most.</summary>
    [Fact]
    public async Task Return_FloodOfOneTenant_SingleRequestOfAnotherIsNext()
    {
        Allow(3);
        var (flood, single) = (Pool(), Pool());
        var rented = new List<ConnectionSlot?>
        {
            await RentAsync(flood), await RentAsync(flood), await RentAsync(flood),
        };
        var waiting = Task.WhenAll(Enumerable.Range(0, 50).Select(_ => RentAsync(flood)));
        var other = RentAsync(single);

        _gate.Return(rented[0]!);

        Assert.Same(rented[0], await other);
        Assert.False(waiting.IsCompleted);
        Assert.Equal((2, 1, 50, 3), (flood.Rented, single.Rented, flood.Waiters.Count, _gate.Count));
    }

    /// <summary>Another tenant's connection has to be opened anew, so one's own is waited for.</summary>
    [Fact]
    public async Task Rent_IdleOfOthersAndOwnInUse_WaitsAWhileForItsOwn()
    {
        Allow(2);
        var (busy, idle) = (Pool(), Pool());
        var own = (await RentAsync(busy))!;
        var others = (await RentAsync(idle))!;
        _gate.Return(others);
        var waiting = RentAsync(busy);
        Assert.Equal((1, 1), (busy.Waiters.Count, idle.Idle.Count));

        _gate.Return(own);
        Assert.Same(own, await waiting);
        waiting = RentAsync(busy);
        _time.Advance(TimeSpan.FromMilliseconds(60));

        Assert.Same(others, await waiting);
        Assert.Equal((2, 0, 2), (busy.Rented, idle.Idle.Count, _gate.Count));
    }

    /// <summary>
    /// Where openings take long, because the machine is busy, a connection of another tenant is taken later. Otherwise
    /// each wait would lead to one more opening.
    /// </summary>
    [Fact]
    public async Task Rent_OpeningsTakeLong_WaitsLongerForItsOwn()
    {
        Allow(2);
        var (busy, idle) = (Pool(), Pool());
        await RentAsync(busy);
        _gate.Return((await RentAsync(idle))!);
        Repeat(() => _gate.NoteOpening(TimeSpan.FromMilliseconds(150)), 30);
        var waiting = RentAsync(busy);

        _time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal((1, 1), (busy.Waiters.Count, idle.Idle.Count));
        _time.Advance(TimeSpan.FromMilliseconds(150));
        var others = await waiting;
        Assert.Equal((2, 0), (busy.Rented, idle.Idle.Count));

        // Quick openings shorten the wait again, and it never exceeds a second.
        _gate.Return(others!);
        Repeat(() => _gate.NoteOpening(TimeSpan.FromMinutes(1)), 30);
        _gate.Return((await RentAsync(idle))!);
        waiting = RentAsync(busy);
        _time.Advance(TimeSpan.FromMilliseconds(1_010));
        _gate.Return((await waiting)!);
        Repeat(() => _gate.NoteOpening(TimeSpan.FromMilliseconds(2)), 60);
        _gate.Return((await RentAsync(idle))!);
        waiting = RentAsync(busy);
        _time.Advance(TimeSpan.FromMilliseconds(60));
        await waiting;
    }

    /// <summary>Two floods end with equally many connections, and then keep them open.</summary>
    [Fact]
    public async Task Return_TwoFloods_ShareEquallyAndKeepTheirConnections()
    {
        Allow(4);
        var pools = new[] { Pool(), Pool() };
        var rented = new List<ConnectionSlot>();
        for (var i = 0; i < 4; i++)
        {
            rented.Add((await RentAsync(pools[0]))!);
        }

        var waiting = Task.WhenAll(pools.SelectMany(pool => Enumerable.Range(0, 100).Select(_ => RentAsync(pool))));
        var moved = 0;
        for (var turn = 0; turn < 100; turn++)
        {
            if (turn == 10)
            {
                // The second tenant has one connection so far, and waits until it is returned.
                Assert.Equal((1, 3, 1), (moved, pools[0].Rented, pools[1].Rented));
                _time.Advance(TimeSpan.FromMilliseconds(60));
                await Eventually.HoldsAsync("they have waited long", () => Task.FromResult(
                    pools.All(pool => pool.Waiters.First!.Value.IsImpatient)), Cancellation);
            }

            var slot = rented[turn % 4];
            var before = slot.Pool;
            Assert.False(_gate.Return(slot));
            moved += slot.Pool == before ? 0 : 1;
        }

        Assert.Equal((2, 2, 2), (moved, pools[0].Rented, pools[1].Rented));
        Assert.Equal(100, pools.Sum(pool => pool.Waiters.Count));
        Assert.False(waiting.IsCompleted);
    }

    /// <summary>Where every tenant has one connection, those without one do not wait for ever.</summary>
    [Fact]
    public async Task Return_TenantWaitsLonger_GetsTheConnectionOfOneThatAlwaysHasRequests()
    {
        Allow(1);
        var (busy, other) = (Pool(), Pool());
        var slot = (await RentAsync(busy))!;
        var more = RentAsync(busy);
        var late = RentAsync(other);
        _gate.Return(slot);
        Assert.Same(slot, await more);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        var again = RentAsync(busy);
        _time.Advance(TimeSpan.FromMilliseconds(60));
        _gate.Return(slot);

        Assert.Same(slot, await late);
        Assert.Single(busy.Waiters);
        Assert.False(again.IsCompleted);
    }

    [Fact]
    public async Task Rent_LeaseHasEnded_OpensNothingAndGoesOnUsingItsOwn()
    {
        Allow(2, TimeSpan.FromSeconds(5));
        var (one, other) = (Pool(), Pool());
        var slot = (await RentAsync(one))!;
        _gate.Return(slot);
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.False(_gate.IsValid);
        var waiting = RentAsync(other);
        Assert.Same(slot, await RentAsync(one));
        Assert.Single(other.Waiters);
        Allow(2, TimeSpan.FromSeconds(5));
        Assert.NotNull(await waiting);
        Assert.Equal(2, _gate.Count);
    }

    /// <summary>The limit may belong to others already. Only what is counted as open is acknowledged.</summary>
    [Fact]
    public async Task Lower_LeaseHasEnded_AcknowledgesOnlyWhatIsOpen()
    {
        Allow(10, TimeSpan.FromSeconds(5));
        var pool = Pool();
        var (one, other) = ((await RentAsync(pool))!, (await RentAsync(pool))!);
        Assert.Equal(10, _gate.Lower(10, out _));
        Assert.True(_gate.MayOpen);
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.False(_gate.MayOpen);
        Assert.Equal(2, _gate.Lower(10, out _));
        Assert.False(_gate.Return(one));
        Assert.Equal(2, _gate.Lower(0, out var toClose));
        Assert.Equal([one], toClose);
        _gate.Remove();
        Allow(0);
        Assert.False(_gate.MayOpen);
        Assert.True(_gate.Return(other));
    }

    /// <summary>The master is away: waiting would be in vain.</summary>
    [Fact]
    public async Task Rent_LeaseHasEndedAndIsNotRenewed_IsRefusedAtOnce()
    {
        Allow(1, TimeSpan.FromSeconds(5));
        var (one, other) = (Pool(), Pool());
        var slot = (await RentAsync(one))!;
        var (own, waiting) = (RentAsync(one), RentAsync(other));
        _gate.RecordRenewalFailure();
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(5));

        _gate.RecordRenewalFailure();

        foreach (var refusal in new[] { waiting, RentAsync(other) })
        {
            var refused = await Assert.ThrowsAsync<TenantRefusedException>(() => refusal);
            Assert.Equal(TenantRefusal.RegistryUnavailable, refused.Refusal);
            Assert.True(refused.RetryAfter > TimeSpan.Zero);
        }

        // A tenant with a connection is still served.
        _gate.Return(slot);
        Assert.Same(slot, await own);
        Allow(2, TimeSpan.FromSeconds(5));
        Assert.NotNull(await RentAsync(other));
    }

    [Fact]
    public async Task Rent_TooManyOfOneTenantWait_IsRefusedAtOnce()
    {
        Allow(2);
        var (flood, single) = (Pool(), Pool());
        var (slot, _) = ((await RentAsync(flood))!, await RentAsync(flood));
        var waiting = Task.WhenAll(Enumerable.Range(0, 200).Select(_ => RentAsync(flood)));

        var refused = await Assert.ThrowsAsync<TenantRefusedException>(() => RentAsync(flood));

        Assert.Equal(TenantRefusal.ConnectionsBusy, refused.Refusal);
        var other = RentAsync(single);
        _gate.Return(slot);
        Assert.Same(slot, await other);
        Assert.False(waiting.IsCompleted);
    }

    /// <summary>Others without connections keep coming. A tenant that has one gets another all the same.</summary>
    [Fact]
    public async Task Return_TenantHasGotNothingForLong_CountsAsOneWithoutConnections()
    {
        Allow(2);
        var (patient, other) = (Pool(), Pool());
        await RentAsync(patient);
        var slot = (await RentAsync(other))!;
        var waiting = RentAsync(patient);
        _time.Advance(TimeSpan.FromMilliseconds(60));
        await Eventually.HoldsAsync("it has waited long",
            () => Task.FromResult(patient.Waiters.First!.Value.IsImpatient), Cancellation);
        var first = RentAsync(Pool());
        _gate.Return(slot);
        Assert.Same(slot, await first);

        var second = RentAsync(Pool());
        _time.Advance(TimeSpan.FromSeconds(1));
        _gate.Return(slot);

        Assert.Same(slot, await waiting);
        Assert.False(second.IsCompleted);
    }

    [Fact]
    public async Task Lower_MoreAreOpen_SaysHowManyAndClosesTheIdle()
    {
        Allow(4);
        var pool = Pool();
        var slots = new List<ConnectionSlot>();
        for (var i = 0; i < 4; i++)
        {
            slots.Add((await RentAsync(pool))!);
        }

        _gate.Return(slots[0]);
        Assert.Equal(4, _gate.Lower(2, out var toClose));
        Assert.Equal([slots[0]], toClose);
        _gate.Remove();
        Assert.Equal(3, _gate.Lower(2, out _));
        Assert.True(_gate.Return(slots[1]));
        _gate.Remove();
        Assert.Equal(2, _gate.Lower(2, out _));

        Assert.False(_gate.Return(slots[2]));
        Assert.Same(slots[2], await RentAsync(pool));
    }

    [Fact]
    public async Task Retire_TenantHasChanged_NobodyGetsItsConnections()
    {
        Allow(2);
        var pool = Pool();
        var (one, other) = ((await RentAsync(pool))!, (await RentAsync(pool))!);
        var waiting = RentAsync(pool);
        _gate.Return(one);
        Assert.Same(one, await waiting);
        _gate.Return(one);

        Assert.Equal([one], _gate.Retire(pool));
        _gate.Remove();
        Assert.Null(await RentAsync(pool));
        Assert.True(_gate.Return(other));
        _gate.Remove();
        Assert.Equal(0, _gate.Count);
    }

    [Fact]
    public async Task Rent_Cancelled_LeavesTheQueue()
    {
        Allow(1);
        var (one, other) = (Pool(), Pool());
        var slot = (await RentAsync(one))!;
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var waiting = _gate.RentAsync(other, Wait, cancel.Token).AsTask();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.False(_gate.Return(slot));
        Assert.Same(slot, await RentAsync(one));
    }

    /// <summary>In every order of events the limit is kept and no waiter is forgotten.</summary>
    [Fact]
    public async Task Rent_ManyAtOnce_NeverPassesTheLimitAndServesAll()
    {
        const int Limit = 5;
        var gate = new ConnectionGate(TimeProvider.System);
        gate.Raise(Limit, long.MaxValue);
        var pools = Enumerable.Range(0, 20).Select(_ => Pool()).ToArray();
        var (open, most, served) = (0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 32).Select(async number =>
        {
            var random = new Random(number);
            for (var i = 0; i < 500; i++)
            {
                var slot = (await gate.RentAsync(pools[random.Next(pools.Length)], Wait, Cancellation))!;
                var now = Interlocked.Increment(ref open);
                InterlockedMost(ref most, now);
                await Task.Yield();
                Interlocked.Decrement(ref open);
                if (random.Next(20) == 0)
                {
                    gate.RemoveRented(slot);
                }
                else if (gate.Return(slot))
                {
                    gate.Remove();
                }

                Interlocked.Increment(ref served);
            }
        }));

        Assert.Equal(32 * 500, served);
        Assert.InRange(most, 1, Limit);
        Assert.InRange(gate.Count, 0, Limit);
        Assert.All(pools, pool => Assert.Equal((0, 0), (pool.Rented, pool.Waiters.Count)));
        Assert.Equal(gate.Count, pools.Sum(pool => pool.Idle.Count));
    }

    private static void InterlockedMost(ref int most, int now)
    {
        for (var seen = most; now > seen;)
        {
            var was = Interlocked.CompareExchange(ref most, now, seen);
            seen = was == seen ? now : was;
        }
    }

    private void Allow(int limit, TimeSpan? lease = null) => _gate.Raise(
        limit, lease is { } span ? _time.GetTimestamp() + (long)(span.TotalSeconds * _time.TimestampFrequency)
            : long.MaxValue);

    private Task<ConnectionSlot?> RentAsync(TenantPool pool) => _gate.RentAsync(pool, Wait, Cancellation).AsTask();

    private TenantPool Pool() => new(new TenantEntry
    {
        Id = ++_tenants, Subdomain = $"t-{_tenants}", DatabaseName = null, State = TenantState.Ready, IsActive = true,
    }, new());
}
