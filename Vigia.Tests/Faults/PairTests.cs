using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Faults;

/// <summary>
/// Two operations on one tenant, of which the first one fails at a step and is then retried or cancelled. No matter
/// which requests are accepted or refused, nothing is lost, and registry, trash and server agree. With <c>--faults</c>
/// the tests run every pair in both orders at every step, both retried and cancelled. The usual run takes every pair
/// once, in one order and at one step. The step changes from pair to pair so that every step is covered. Short
/// operations, and requests that do their work themselves, are tested several at a time.
/// </summary>
public sealed class PairTests(PairHost pairs) : IClassFixture<PairHost>
{
    private const int AtOnce = 40;

    private static bool Everything => Environment.GetEnvironmentVariable("VIGIA_FAULT_ROUNDS") is not null;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private CoreHost Host => pairs.Host;

    public static TheoryData<string> Firsts => [.. PairKinds.Failing.Select(k => k.Name)];

    [Theory]
    [MemberData(nameof(Firsts))]
    public async Task Pair_FirstFailsThenSecondThenFirstAgain_LosesNothing(string first)
    {
        foreach (var batch in Of(first).Chunk(AtOnce))
        {
            await RunAsync(PairKinds.Failing.Single(k => k.Name == first), batch);
        }
    }

    /// <summary>Fails when a kind of operation of the catalogue is in none of the pairs.</summary>
    [Fact]
    public void Pairs_CoverEveryKindOfOperation() => Assert.Equal(
        Host.Get<OperationCatalog>().Kinds.Select(kind => kind.Code).Order(),
        PairKinds.Failing.Select(k => k.Kind!.Value).Concat(PairKinds.OtherKinds)
            .Concat(Host.Services.GetServices<RecurringJob>().Select(job => job.Kind)).Distinct()
            .Select(kind => kind.Code).Order());

    [Theory]
    [MemberData(nameof(Firsts))]
    public void Pairs_CoverEveryStep(string first) =>
        Assert.Superset(PointsOf(PairKinds.Failing.Single(k => k.Name == first)).ToHashSet(),
            Of(first).Select(p => (p.Step, p.At)).ToHashSet());

    // The points after each step, and the one before the first step.
    private static List<(string Step, StepState At)> PointsOf(PairKind first) =>
        [.. first.Steps.Select(step => (step, StepState.Done)), (first.Steps[0], StepState.Running)];

    private static bool IsShort(PairKind kind) => kind.Steps.Length <= 2;

    private static IEnumerable<Pair> Of(string name)
    {
        var first = PairKinds.Failing.Single(k => k.Name == name);
        var points = PointsOf(first);
        if (Everything)
        {
            return from second in PairKinds.All
                   from point in points
                   from cancels in new[] { false, true }
                   select new Pair([second], point.Step, point.At, cancels,
                       Queued: cancels == (points.IndexOf(point) % 2 == 0));
        }

        // Step, ending and order change from pair to pair, each at its own rate.
        var seconds = PairKinds.Failing.Where(second => IsFirst(first, second)).ToLookup(IsShort);
        var others = seconds[false].Chunk(1).Concat(seconds[true].Chunk(3))
            .Concat(PairKinds.All.Except(PairKinds.Failing).Chunk(IsShort(first) ? 8 : 3));
        return others.Select((second, number) =>
        {
            var (step, at) = points[number % points.Count];
            return new Pair(second, step, at, Cancels: (number + (number / points.Count)) % 2 == 1,
                Queued: number / 2 % 2 == 1);
        });
    }

    // Of two kinds that can fail, the test makes only one fail: the first in one pair, the second in another.
    private static bool IsFirst(PairKind first, PairKind second)
    {
        var (row, column) = (PairKinds.Failing.ToList().IndexOf(first), PairKinds.Failing.ToList().IndexOf(second));
        return row < column ? (row + column) % 2 == 1 : row > column && (row + column) % 2 == 0;
    }

    private async Task RunAsync(PairKind first, IReadOnlyList<Pair> batch)
    {
        var tenants = await pairs.TakeAsync(first.Start, batch.Count);
        var scenes = batch.Zip(tenants, (pair, tenant) => new Scene(first, pair, tenant)).ToList();
        await pairs.Faults.ClearAsync();
        foreach (var scene in scenes)
        {
            await pairs.Faults.FailAsync(scene.Tenant.Id, first.Kind!.Value, scene.Pair.Step, scene.Pair.At);
        }

        await Host.PauseWorkersAsync(true);
        foreach (var scene in scenes)
        {
            await first.RequestAsync(Host, scene.Tenant, Cancellation);
            scene.First = await NewestAsync(scene.Tenant, first.Kind!.Value);
            if (scene.Pair.Queued)
            {
                await TrySecondsAsync(scene);
            }
        }

        await ResumeAndCheckAsync(scenes);
        await AssertFailedAsync(scenes, first.Steps);
        await pairs.Faults.ClearAsync();
        foreach (var scene in scenes.Where(s => !s.Pair.Queued))
        {
            await TrySecondsAsync(scene);
        }

        await ResumeAndCheckAsync(scenes);
        foreach (var scene in scenes)
        {
            await TryAsync(scene, scene.Pair.Cancels ? "cancel" : "retry", () => scene.Pair.Cancels
                ? Host.Get<OperationService>().CancelAsync(Host.Admin, scene.First, Cancellation)
                : Host.Get<OperationService>().RetryAsync(Host.Admin, scene.First, Cancellation));
        }

        await ResumeAndCheckAsync(scenes);
        await pairs.GiveBackAsync(tenants);
    }

    private async Task ResumeAndCheckAsync(List<Scene> scenes)
    {
        await Host.PauseWorkersAsync(false);
        await pairs.DrainAsync();
        var problems = await PairCheck.ProblemsAsync(Host, [.. scenes.Select(s => s.Tenant)]);
        Assert.True(problems.Count == 0,
            string.Join("\n", problems.Select(p => $"{p.Problem}: {scenes.Single(s => s.Tenant.Id == p.Id)}")));
    }

    // The pair would prove nothing if the fault had not struck. A second operation of the same kind that was queued
    // with it fails at the same point. Only a restore ends a purge before it runs.
    private async Task AssertFailedAsync(List<Scene> scenes, string[] steps)
    {
        await using var db = await Host.OpenMasterAsync();
        var ids = scenes.Select(s => s.First).ToList();
        var firsts = await db.Set<Operation>().AsNoTracking().Include(o => o.Steps).Where(o => ids.Contains(o.Id))
            .ToDictionaryAsync(o => o.Id, Cancellation);
        Assert.All(scenes, s => Assert.True(
            firsts[s.First] is { State: OperationState.Failed } or { Error.Code: "superseded_by_restore" },
            $"{firsts[s.First].State}: {s}"));
        Assert.All(firsts.Values,
            first => Assert.Equal(steps, first.Steps.OrderBy(s => s.Ordinal).Select(s => s.Name)));
    }

    private async Task TrySecondsAsync(Scene scene)
    {
        foreach (var second in scene.Pair.Seconds)
        {
            await TryAsync(scene, second.Name, () => second.RequestAsync(Host, scene.Tenant, Cancellation));
        }
    }

    private static async Task TryAsync(Scene scene, string what, Func<Task> requestAsync)
    {
        try
        {
            await requestAsync();
            scene.Log.Add($"{what} accepted");
        }
        catch (RuleException e)
        {
            scene.Log.Add($"{what} refused: {e.Reason.Code}");
        }
        catch (InvalidInputException e)
        {
            scene.Log.Add($"{what} refused: {string.Join(' ', e.Errors.Keys)}");
        }
    }

    private async Task<Guid> NewestAsync(PairTenant tenant, OperationKind kind)
    {
        await using var db = await Host.OpenMasterAsync();
        return await db.Set<Operation>().Where(o => o.TenantId == tenant.Id && o.Kind == kind)
            .OrderByDescending(o => o.CreatedAt).Select(o => o.Id).FirstAsync(Cancellation);
    }

    /// <param name="Seconds">The requests that come in between.</param>
    /// <param name="Step">The step at which the first operation fails.</param>
    /// <param name="At">Before or after that step has acted.</param>
    /// <param name="Cancels">Whether the first operation is cancelled in the end; otherwise it is retried.</param>
    /// <param name="Queued">
    /// Whether the second request is made before the first operation runs; otherwise after it has failed.
    /// </param>
    private sealed record Pair(PairKind[] Seconds, string Step, StepState At, bool Cancels, bool Queued);

    private sealed class Scene(PairKind kind, Pair pair, PairTenant tenant)
    {
        public Pair Pair { get; } = pair;

        public PairTenant Tenant { get; } = tenant;

        /// <summary>The operation that fails.</summary>
        public Guid First { get; set; }

        public List<string> Log { get; } = [];

        public override string ToString() =>
            $"{kind.Name} fails at {Pair.Step} ({Pair.At}), {string.Join(" and ", Pair.Seconds.Select(s => s.Name))} "
            + $"{(Pair.Queued ? "queued behind it" : "asked for afterwards")}: {string.Join(", ", Log)}";
    }
}
