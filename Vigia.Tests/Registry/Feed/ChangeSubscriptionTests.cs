using Microsoft.Extensions.Time.Testing;
using Vigia.Core.Registry.Feed;

namespace Vigia.Tests.Registry.Feed;

/// <summary>The changes that a subscriber is notified of, and when.</summary>
public sealed class ChangeSubscriptionTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);
    private readonly ChangeFeed _feed;

    public ChangeSubscriptionTests() => _feed = new ChangeFeed(_time);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_CancelledWhileCollecting_ChangesComeWithTheNextRead()
    {
        using var changes = _feed.Subscribe(ChangeTopic.Operations);
        _feed.Publish(ChangeTopic.Operations, "first");
        await changes.ReadAsync(Cancellation);
        _feed.Publish(ChangeTopic.Operations, "second");
        using var heartBeat = new CancellationTokenSource();
        var collecting = changes.ReadAsync(heartBeat.Token);

        await heartBeat.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => collecting);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True((await changes.ReadAsync(Cancellation)).Concerns(ChangeTopic.Operations, "second"));
    }

    [Fact]
    public async Task Read_AfterAPause_ReportsEverythingOnce()
    {
        using var changes = _feed.Subscribe(ChangeTopic.Tenants);
        changes.Pause();
        for (var id = 0; id < 1000; id++)
        {
            _feed.Publish(ChangeTopic.Tenants, $"{id}");
        }

        _feed.PublishEverything();
        var reading = changes.ReadAsync(Cancellation);
        Assert.False(reading.IsCompleted);
        changes.Resume();

        var read = await reading;
        Assert.True(read.Everything);
        Assert.Empty(read.Changes);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(changes.ReadAsync(Cancellation).IsCompleted);
    }

    [Fact]
    public async Task Read_ChangeOfAShownRow_IsNotDelayed()
    {
        using var changes = _feed.Subscribe(new ChangeInterest(ChangeTopic.Tenants)
        {
            Urgency = change => change.Id == "7" ? ChangeUrgency.Now : ChangeUrgency.Later,
        });
        _feed.Publish(ChangeTopic.Tenants, "8");
        await changes.ReadAsync(Cancellation);

        _feed.Publish(ChangeTopic.Tenants, "9");
        _time.Advance(TimeSpan.FromMilliseconds(200));
        var reading = changes.ReadAsync(Cancellation);
        Assert.False(reading.IsCompleted);
        _feed.Publish(ChangeTopic.Tenants, "7");

        Assert.Equal(["7", "9"], (await reading).Of(ChangeTopic.Tenants).Order());
        _feed.Publish(ChangeTopic.Tenants, "9");
        var later = changes.ReadAsync(Cancellation);
        Assert.False(later.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["9"], (await later).Of(ChangeTopic.Tenants));
    }

    [Fact]
    public void Read_ChangeOfNoShownRow_WakesNobody()
    {
        using var changes = _feed.Subscribe(new ChangeInterest(ChangeTopic.Tenants)
        {
            Urgency = change => change.Id == "7" ? ChangeUrgency.Now : ChangeUrgency.Never,
        });

        _feed.Publish(ChangeTopic.Tenants, "8");
        _feed.Publish(ChangeTopic.Operations, "7");

        Assert.False(changes.ReadAsync(Cancellation).IsCompleted);
    }

    [Fact]
    public async Task Read_ManyPagesAreOpen_EachReadsMoreRarely()
    {
        var many = Enumerable.Range(0, 3000)
            .Select(_ => _feed.Subscribe(new ChangeInterest(ChangeTopic.Tenants) { IsSpread = true })).ToList();
        Assert.Equal(TimeSpan.FromSeconds(1), _feed.Pace);

        // Published first, so that the reading waits for the time at once and not when another thread gets to it.
        _feed.Publish(ChangeTopic.Tenants, "1");
        var first = many[0].ReadAsync(Cancellation);
        _time.Advance(TimeSpan.FromSeconds(1));
        await first;

        _feed.Publish(ChangeTopic.Tenants, "2");
        var second = many[0].ReadAsync(Cancellation);
        _time.Advance(TimeSpan.FromMilliseconds(900));
        Assert.False(second.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        await second;

        many.ForEach(subscription => subscription.Dispose());
        Assert.Equal(TimeSpan.FromMilliseconds(100), _feed.Pace);
    }
}
