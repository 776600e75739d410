using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Portal.Components.Shared;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Components.Shared;

public sealed class DraftGuardTests : ComponentTest
{
    private static readonly DraftName Name = DraftName.Of(Actor.System, "nuevo-cliente");

    [Theory]
    [InlineData("es-PE", 0, "Recuperamos lo que escribió a las 09:32 · Descartar")]
    [InlineData("en", 0, "We recovered what you typed at 09:32 · Discard")]
    [InlineData("es-PE", 1, "Recuperamos lo que escribió a las 23/11/2026 09:32 · Descartar")]
    public async Task DraftGuard_RestoredDraft_SaysItsTimeAndCanBeDiscarded(
        string language, int daysAgo, string text)
    {
        Speak(language);
        var discarded = 0;
        var typed = new DateTimeOffset(2026, 11, 24 - daysAgo, 14, 32, 0, TimeSpan.Zero);
        var guard = Render<DraftGuard>(p => p.Add(c => c.Name, Name).Add(c => c.Subject, "el cliente nuevo")
            .Add(c => c.RestoredAt, typed).Add(c => c.OnDiscarded, () => discarded++));

        Assert.Equal(text, TextOf(guard.Find("[role=status]")));
        await guard.Find("button").ClickAsync(new());
        Assert.Equal(1, discarded);
        Assert.Equal([Name.Text], JSInterop.Invocations["vigia.forgetDraft"].Single().Arguments);
    }

    [Fact]
    public void DraftGuard_NothingRestored_ShowsNothing() => Assert.Equal("", Guard(saving: false).Markup.Trim());

    [Theory]
    [InlineData("el cliente nuevo", false, 0, "Lo que escribió en el cliente nuevo se perderá.")]
    [InlineData("el cliente nuevo", true, 1, "Lo que escribió en el cliente nuevo se perderá.")]
    [InlineData(null, true, 1, "Lo que escribió se perderá.")]
    public async Task DraftGuard_LeavingWithADraft_AsksAndDropsItOnlyOnLeaving(
        string? subject, bool leaves, int dropped, string effect)
    {
        JSInterop.Setup<bool>("vigia.hasDraft", Name.Text).SetResult(true);
        var provider = Render<MudDialogProvider>();
        var guard = Guard(saving: false, subject);
        var navigation = Services.GetRequiredService<NavigationManager>();
        var before = navigation.Uri;

        await guard.InvokeAsync(() => navigation.NavigateTo("/clientes"));

        await Eventually.HoldsAsync(
            "the question is asked",
            () => Task.FromResult(provider.FindAll(".dialog-effect").Any(
                shown => shown.TextContent == effect)),
            Xunit.TestContext.Current.CancellationToken);
        await provider.FindAll(".mud-dialog-actions button")[leaves ? 1 : 0].ClickAsync(new());
        await Eventually.HoldsAsync(
            "the answer has its effect",
            () => Task.FromResult(provider.FindAll(".dialog-effect").Count == 0 && navigation.Uri != before == leaves
                && JSInterop.Invocations["vigia.forgetDraft"].Count == dropped),
            Xunit.TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task DraftGuard_LeavingWhileItIsSaved_AsksNothing()
    {
        JSInterop.Setup<bool>("vigia.hasDraft", Name.Text).SetResult(true);
        var guard = Guard(saving: true);
        var navigation = Services.GetRequiredService<NavigationManager>();

        await guard.InvokeAsync(() => navigation.NavigateTo("/clientes"));

        Assert.EndsWith("/clientes", navigation.Uri, StringComparison.Ordinal);
        Assert.Empty(JSInterop.Invocations["vigia.hasDraft"]);
    }

    private IRenderedComponent<DraftGuard> Guard(bool saving, string? subject = "el cliente nuevo") =>
        Render<DraftGuard>(p => p.Add(c => c.Name, Name).Add(c => c.Subject, subject).Add(c => c.IsSaving, saving));
}
