using Microsoft.Extensions.Time.Testing;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Feed;

namespace Vigia.Tests.Registry.Feed;

/// <summary>
/// Many pages that ask the same question share one read. The answer is never older than the last change, and only
/// people with the same access share it.
/// </summary>
public sealed class SharedAnswersTests
{
    private static readonly SharedQuestion Question = new("count", null, ChangeTopic.Operations);
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);
    private readonly ChangeFeed _feed;
    private readonly SharedAnswers _shared;
    private int _reads;

    public SharedAnswersTests()
    {
        _feed = new ChangeFeed(_time);
        _shared = new SharedAnswers(_feed, _time);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_ByThreeHundredPages_IsDoneOnce()
    {
        var answer = new TaskCompletionSource<int>();
        var pages = Enumerable.Range(0, 300).Select(_ => _shared.ReadAsync(
            Person().AccessKey, Question,
            _ =>
            {
                Interlocked.Increment(ref _reads);
                return answer.Task;
            },
            Cancellation)).ToList();

        answer.SetResult(7);

        Assert.All(await Task.WhenAll(pages), count => Assert.Equal(7, count));
        Assert.Equal(7, await AskAsync(Person()));
        Assert.Equal(1, _reads);
    }

    [Fact]
    public async Task Read_AfterAChange_IsReadAgainOnceASecond()
    {
        Assert.Equal(1, await AskAsync(Person()));
        _feed.Publish(ChangeTopic.Tenants, "1");
        Assert.Equal(1, await AskAsync(Person()));

        for (var change = 0; change < 20; change++)
        {
            _feed.Publish(ChangeTopic.Operations, $"{change}");
        }

        var again = Enumerable.Range(0, 50).Select(_ => AskAsync(Person())).ToList();
        Assert.All(again, task => Assert.False(task.IsCompleted));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.All(await Task.WhenAll(again), count => Assert.Equal(2, count));
    }

    [Fact]
    public async Task Read_ChangeWhileReading_NextAnswerIsNewer()
    {
        var begun = new TaskCompletionSource();
        var answer = new TaskCompletionSource<int>();
        var first = _shared.ReadAsync(
            Person().AccessKey, Question,
            _ =>
            {
                begun.SetResult();
                return answer.Task;
            },
            Cancellation);
        await begun.Task;
        _feed.Publish(ChangeTopic.Operations, "1");

        var second = AskAsync(Person());
        _time.Advance(TimeSpan.FromSeconds(1));
        answer.SetResult(70);

        Assert.Equal(70, await first);
        Assert.Equal(1, await second);
    }

    [Theory]
    [InlineData(StaffRoles.Support, null)]
    [InlineData(StaffRoles.Administrator, 5)]
    public async Task Read_ByAPersonWithOtherAccess_IsSeparate(string role, int? scope)
    {
        await AskAsync(Person());

        Assert.Equal(2, await AskAsync(Person(role) with { TenantScope = scope is { } id ? [id] : null }));
        Assert.Equal(1, await AskAsync(Person()));
    }

    [Fact]
    public async Task Read_Fails_TheNextOneIsReadAgain()
    {
        await Assert.ThrowsAsync<TimeoutException>(() => _shared.ReadAsync<int>(
            Person().AccessKey, Question, _ => throw new TimeoutException("The master was away."), Cancellation));
        var again = AskAsync(Person());
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(1, await again);
    }

    [Fact]
    public async Task Read_OneWaitingPageCloses_OthersGetTheirAnswer()
    {
        using var gone = new CancellationTokenSource();
        var answer = new TaskCompletionSource<int>();
        var (first, second) = (
            _shared.ReadAsync(Person().AccessKey, Question, _ => answer.Task, gone.Token),
            _shared.ReadAsync(Person().AccessKey, Question, _ => answer.Task, Cancellation));

        await gone.CancelAsync();
        answer.SetResult(3);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(3, await second);
    }

    private static Actor Person(string role = StaffRoles.Administrator) =>
        new(Guid.NewGuid(), "Ana", null, [role]);

    private Task<int> AskAsync(Actor actor) => _shared.ReadAsync(
        actor.AccessKey, Question, _ => Task.FromResult(Interlocked.Increment(ref _reads)), Cancellation);
}
