using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Bunit;
using Microsoft.AspNetCore.Components;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

/// <summary>A late answer is not shown. A page about one object is never reused for another object.</summary>
public sealed partial class LatestReadTests : BunitContext
{
    [Fact]
    public async Task Read_WhileAnotherIsInFlight_BeginsWhenThatOneIsShown()
    {
        // The change that the second question is about may be newer than the first answer, and never older.
        var page = Render<Probe>().Instance;
        var (first, second) = (page.Ask(1), page.Ask(1));
        second.SetResult("new");
        Assert.Single(page.Tokens);
        Assert.False(page.Asked[1].IsCompleted);

        first.SetResult("old");

        Assert.True(await page.Asked[0] && await page.Asked[1]);
        Assert.Equal(["old", "new"], page.Shown);
        Assert.Equal(2, page.Tokens.Count);
    }

    [Fact]
    public async Task Read_PreviousOneFails_StillBegins()
    {
        var page = Render<Probe>().Instance;
        var (first, second) = (page.Ask(1), page.Ask(1));

        first.SetException(new InvalidOperationException("The line was cut."));
        second.SetResult("new");

        await Assert.ThrowsAsync<InvalidOperationException>(() => page.Asked[0]);
        Assert.True(await page.Asked[1]);
        Assert.Equal(["new"], page.Shown);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Read_SubjectChanges_EarlierReadIsCancelledAndDropped(bool fails)
    {
        var page = Render<Probe>().Instance;
        var first = page.Ask(1);
        Assert.False(page.Tokens[0].IsCancellationRequested);
        var second = page.Ask(2);
        Assert.True(page.Tokens[0].IsCancellationRequested);

        second.SetResult("two");
        if (fails)
        {
            first.SetException(new InvalidOperationException("The line was cut."));
        }
        else
        {
            first.SetResult("one");
        }

        Assert.False(await page.Asked[0]);
        Assert.True(await page.Asked[1]);
        Assert.Equal(["two"], page.Shown);
    }

    [Fact]
    public async Task Read_ComponentDisposed_ShowsAndOpensNothing()
    {
        var page = Render<Probe>().Instance;
        var (answer, question) = (page.Ask(1), new TaskCompletionSource<string>());
        var dialog = page.BeforeDialogAsync(question.Task);
        await DisposeComponentsAsync();

        answer.SetResult("late");
        question.SetResult("late");

        Assert.False(await page.Asked[0]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dialog);
        Assert.Empty(page.Shown);
        Assert.Equal("Uno: saved", page.Note("Uno", "saved"));
    }

    [Fact]
    public async Task Read_NewestFails_FailureIsThrown()
    {
        var page = Render<Probe>().Instance;
        page.Ask(1).SetException(new InvalidOperationException("broken"));

        await Assert.ThrowsAsync<InvalidOperationException>(() => page.Asked[0]);
    }

    [Fact]
    public void Pages_WithAnAddressParameter_AreRecreatedForAnotherValue()
    {
        var pages = typeof(Vigia.Portal.Components.Routes).Assembly.GetTypes()
            .Where(type => type.GetCustomAttributes<RouteAttribute>().Any(route => HasParameter(route.Template)))
                .ToList();

        Assert.All(pages, page => Assert.True(IsMadeAnew(page.BaseType!), page.Name));
        Assert.True(pages.Count >= 3);
    }

    // Finds reads that may start again before the first one has ended. A component's initial read happens once, and the
    // browser answers in the order of its calls.
    [Fact]
    public void Components_RepeatableReads_GoThroughReadAsyncOrWhileHereAsync()
    {
        var found =
            from source in Components()
            from Match answer in Answer().Matches(source.Text)
            let member = Member().Matches(source.Text[..answer.Index]).Last().Groups[1].Value
            where member != "OnInitializedAsync"
                && !answer.Value.Contains("browser.Ask", StringComparison.Ordinal)
            select $"{source.Name}.{member}";

        // Each of these reads one after another in its own loop, or is a button that waits for the answer.
        string[] expected =
        [
            "DiagnosisPage.DiagnoseAsync", "FinishedNotices.ShowNewAsync", "LockoutNotices.ShowNewAsync",
        ];
        Assert.Equal(expected, found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Components_RefusalsAboutOneOfMany_GoThroughRefuse()
    {
        var unnamed =
            from source in Components()
            where source.Text.Contains("notices.Refuse(", StringComparison.Ordinal)
                && source.Name != nameof(EndingComponent)
            select source.Name;

        // These concern a person's own account, the server, or all tenants at once. A message of this kind can't be
        // mistaken for a message about another object.
        string[] expected =
        [
            "MainLayout", "MySessions", "UpgradeButton",
        ];
        Assert.Equal(expected, unnamed.Order(StringComparer.Ordinal));
    }

    // A value that every open page shows is read once for all of them, and not by each of them with every change.
    [Fact]
    public void Read_OfAComponentThatFollowsWhatManyPagesShow_IsShared()
    {
        var unshared = from source in Components()
                       where source.Text.Contains("FollowSharedAsync(", StringComparison.Ordinal)
                           && !source.Text.Contains("Feed.SharedAsync(", StringComparison.Ordinal)
                           && source.Name != nameof(LiveComponent)
                       select source.Name;

        Assert.Empty(unshared);
    }

    [Fact]
    public void PageOf_AnotherId_KeepsNothing()
    {
        var page = Render<ProbeByAddress>(p => p.Add(x => x.Id, 1));
        var before = page.FindComponent<Probe>().Instance;
        page.Render(p => p.Add(x => x.Id, 1));
        Assert.Same(before, page.FindComponent<Probe>().Instance);

        page.Render(p => p.Add(x => x.Id, 2));

        Assert.NotSame(before, page.FindComponent<Probe>().Instance);
        Assert.Equal(2, page.FindComponent<Probe>().Instance.Id);
    }

    private static IEnumerable<(string Name, string Text)> Components([CallerFilePath] string here = "") =>
        from file in Directory.EnumerateFiles(
            Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "Vigia.Portal", "Components"), "*.cs",
            SearchOption.AllDirectories)
        select (Path.GetFileName(file).Split('.')[0], File.ReadAllText(file));

    // Matches a result that is awaited until the component ends and is then stored.
    [GeneratedRegex(@"(?:\b_\w+\)?|\bvar \w+|\bvar \([^)]*\)) =\s+\(*await (?!WhileHereAsync\()[^;]*?\bEnding\b")]
    private static partial Regex Answer();

    [GeneratedRegex(@"^    (?![ {}[/])[^=;(]*?(\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Member();

    private static bool HasParameter(string route) => route.Contains('{', StringComparison.Ordinal);

    private static bool IsMadeAnew(Type parent) =>
        parent.IsGenericType && parent.GetGenericTypeDefinition() == typeof(PageOf<,>);

    public sealed class ProbeByAddress : PageOf<Probe, int>;

    public sealed class Probe : EndingComponent, IWholePage
    {
        private readonly LatestRead _reading = new();

        [Parameter]
        public int Id { get; set; }

        public List<string> Shown { get; } = [];

        public List<Task<bool>> Asked { get; } = [];

        public List<CancellationToken> Tokens { get; } = [];

        public TaskCompletionSource<string> Ask(int subject)
        {
            var answer = new TaskCompletionSource<string>();
            Asked.Add(TryReadAsync(
                _reading, subject,
                (_, until) =>
                {
                    Tokens.Add(until);
                    return answer.Task;
                },
                Shown.Add));
            return answer;
        }

        public Task<string> BeforeDialogAsync(Task<string> read) => WhileHereAsync(read);

        public string Note(string subject, string text) => NoteAbout(subject, text);
    }
}
