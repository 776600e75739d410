using Bunit;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class ConfirmDialogTests : ComponentTest
{
    private static readonly ConfirmRequest Suspend =
        new("¿Suspender a Andinos?", "Sus usuarios dejan de entrar.", "Suspender")
        {
            Destructive = true, DetailsTitle = "Ahora mismo:", Details = ["3 usuarios dentro"],
            Reasons = [("payment", "Falta de pago"), ("other", "Otro")], AsksText = true, CodeThatNeedsText = "other",
        };

    private static readonly Message Refused = new("text_forbidden_character", "U+200B");

    [Theory]
    [InlineData("es-PE", "Cancelar", "Motivo (obligatorio)", "Detalle")]
    [InlineData("en", "Cancel", "Reason (required)", "Details")]
    public async Task ConfirmDialog_ShowsEffectDetailsAndReasons_InTheLanguage(
        string language, string cancel, string reason, string text)
    {
        Speak(language);
        var (dialog, answer) = await AskAsync(Suspend);

        Assert.Equal("¿Suspender a Andinos?", dialog.Find("h2").TextContent);
        Assert.Equal("Sus usuarios dejan de entrar.", dialog.Find(".dialog-effect").TextContent);
        Assert.Equal("3 usuarios dentro", dialog.Find(".dialog-details li").TextContent);
        Assert.Equal(reason, TextOf(dialog.Find("label[for=confirm-reason]")));
        Assert.Equal(text, TextOf(dialog.Find("label[for=confirm-text]")));
        Assert.Equal([cancel, "Suspender"], dialog.FindAll(".mud-dialog-actions button").Select(TextOf));
        await dialog.FindAll(".mud-dialog-actions button")[0].ClickAsync(new());
        Assert.Null(await answer);
    }

    [Theory]
    [InlineData("es-PE", "Falta: Motivo", "Falta: Detalle")]
    [InlineData("en", "Still needed: Reason", "Still needed: Details")]
    public async Task ConfirmDialog_WithoutReason_IsOffAndSaysWhatIsMissing(
        string language, string choose, string write)
    {
        Speak(language);
        var (dialog, answer) = await AskAsync(Suspend);

        AssertIsOff(dialog, choose);
        await dialog.Find("#confirm-reason").ChangeAsync(new() { Value = "other" });
        AssertIsOff(dialog, write);
        await dialog.Find("#confirm-text").InputAsync(new() { Value = "  Lo pidió su gerente. " });
        Assert.Empty(dialog.FindAll("#confirm-missing"));
        await ConfirmAsync(dialog);

        Assert.Equal(new ConfirmAnswer("other", "Lo pidió su gerente."), await answer);
    }

    [Fact]
    public async Task ConfirmDialog_AboutSeveral_NamesThem()
    {
        var (dialog, _) = await AskAsync(
            Suspend with { NamesTitle = "Clientes", Names = ["Andinos", "Botica Sol"], Details = [] });

        Assert.Equal("Clientes", TextOf(dialog.Find(".dialog-details p")));
        Assert.Equal(["Andinos", "Botica Sol"], dialog.FindAll(".dialog-details li").Select(TextOf));
    }

    [Theory]
    [InlineData("es-PE", "Escriba cuántos clientes son: 33,474 (obligatorio)", "No es ese número.")]
    [InlineData("en", "Type how many clients they are: 33,474 (required)", "That is not the number.")]
    public async Task ConfirmDialog_AboutMany_SaysTheCostAndRequiresTheNumber(
        string language, string label, string wrong)
    {
        Speak(language);
        var (dialog, answer) = await AskAsync(
            Suspend with { Reasons = [], AsksText = false, TypedCount = 33_474, Costs = [("Disco", "unos 341 GB")] });

        Assert.Equal("unos 341 GB", dialog.Find(".dialog-costs dd").TextContent);
        Assert.Equal(label, TextOf(dialog.Find("label[for=confirm-count]")));
        await dialog.Find("#confirm-count").InputAsync(new() { Value = "334" });
        Assert.Empty(dialog.FindAll("#confirm-count-error"));
        Assert.True(dialog.FindAll(".mud-dialog-actions button")[1].HasAttribute("disabled"));
        await dialog.Find("#confirm-count").InputAsync(new() { Value = "33473" });
        Assert.Equal(wrong, dialog.Find("#confirm-count-error").TextContent);
        Assert.Equal("true", dialog.Find("#confirm-count").GetAttribute("aria-invalid"));
        await dialog.Find("#confirm-count").InputAsync(new() { Value = " 33 474" });
        await ConfirmAsync(dialog);

        Assert.Equal(new ConfirmAnswer(null, null), await answer);
    }

    [Fact]
    public async Task ConfirmDialog_WithoutQuestions_AsksForNothing()
    {
        var (dialog, answer) = await AskAsync(
            new ConfirmRequest("¿Pausar?", "Nada nuevo empieza.", "Pausar") { Dismiss = "Seguir" });

        Assert.Empty(dialog.FindAll("select, textarea, .dialog-details"));
        Assert.Equal(["Seguir", "Pausar"], dialog.FindAll(".mud-dialog-actions button").Select(TextOf));
        await ConfirmAsync(dialog);
        Assert.Equal(new ConfirmAnswer(null, null), await answer);
    }

    [Theory]
    [InlineData("es-PE", "La base maestra no responde en este momento. Lo que escribió sigue aquí.")]
    [InlineData("en", "The master database does not answer at the moment. Your text is still here.")]
    public async Task ConfirmDialog_ActionThatFails_KeepsWhatWasTyped(string language, string away)
    {
        Speak(language);
        var tries = new Queue<Exception?>(
        [
            new InvalidInputException("reason", Refused),
            new NpgsqlException("away", new IOException()),
            null,
        ]);
        var (dialog, done) = await ActAsync(
            Suspend with { Reasons = [], TextRequired = true },
            () => tries.Dequeue() is { } failure ? Task.FromException(failure) : Task.CompletedTask);
        await dialog.Find("#confirm-text").InputAsync(new() { Value = "No pag\u200Bó" });

        await ConfirmAsync(dialog);
        Assert.Equal(Refused.Render(), dialog.Find("#confirm-text-error").TextContent);
        Assert.Equal("true", dialog.Find("#confirm-text").GetAttribute("aria-invalid"));
        await ConfirmAsync(dialog);
        Assert.StartsWith(away, dialog.Find(".away-note").TextContent, StringComparison.Ordinal);
        Assert.Empty(dialog.FindAll("#confirm-text-error"));
        Assert.Equal("No pag\u200Bó", dialog.Find("#confirm-text").GetAttribute("value"));
        Assert.False(done.IsCompleted);
        await ConfirmAsync(dialog);

        Assert.True(await done);
    }

    [Fact]
    public async Task ConfirmDialog_ActionRefusedByARule_ClosesAndNamesTheReason()
    {
        var (dialog, done) = await ActAsync(
            Suspend with { Reasons = [], AsksText = false, Subject = "Andinos" },
            () => Task.FromException(new RuleException("not_ready")));

        await ConfirmAsync(dialog);

        Assert.False(await done);
        Assert.StartsWith(
            new Message("not_ready").Render(),
            Services.GetRequiredService<NoticeLog>().Said.Single().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConfirmDialog_WhileTheActionRuns_RunsItOnce()
    {
        var (running, runs) = (new TaskCompletionSource(), 0);
        var (dialog, done) = await ActAsync(new ConfirmRequest("¿Pausar?", "Nada nuevo empieza.", "Pausar"), () =>
        {
            runs++;
            return running.Task;
        });

        var first = ConfirmAsync(dialog);
        await dialog.WaitForStateAsync(() => dialog.FindAll(".mud-dialog-actions button[disabled]").Count == 1);
        running.SetResult();
        await first;

        Assert.True(await done);
        Assert.Equal(1, runs);
    }

    private async Task<(IRenderedComponent<MudDialogProvider>, Task<bool>)> ActAsync(
        ConfirmRequest request, Func<Task> actAsync)
    {
        var provider = Render<MudDialogProvider>();
        var done = Task.FromResult(false);
        await provider.InvokeAsync(() =>
        {
            done = Services.GetRequiredService<PageDialogs>().ConfirmAsync(request, _ => actAsync());
        });
        return (provider, done);
    }

    // Two questions may have the same words: two tenants of one name, or three others.
    [Fact]
    public async Task ConfirmDialog_Draft_IsNamedByTheRequestAndNotByItsText()
    {
        var draft = DraftName.Of(Actor.System, "suspend", 7);

        var (dialog, _) = await AskAsync(Suspend with { Draft = draft });
        Assert.Equal(draft.Text, dialog.Find("form").GetAttribute("data-draft"));
        Assert.NotNull(dialog.Find("[data-draft-note]"));
        var (other, _) = await AskAsync(new ConfirmRequest(Suspend.Title, Suspend.Effect, Suspend.Action));
        Assert.False(other.FindAll("form")[^1].HasAttribute("data-draft"));
    }

    private async Task<(IRenderedComponent<MudDialogProvider>, Task<ConfirmAnswer?>)> AskAsync(ConfirmRequest request)
    {
        var provider = Render<MudDialogProvider>();
        Task<ConfirmAnswer?> answer = Task.FromResult<ConfirmAnswer?>(null);
        await provider.InvokeAsync(() =>
        {
            answer = Services.GetRequiredService<PageDialogs>().ConfirmAsync(request);
        });
        return (provider, answer);
    }

    private static void AssertIsOff(IRenderedComponent<MudDialogProvider> dialog, string why)
    {
        Assert.Equal(why, TextOf(dialog.Find("#confirm-missing")));
        var button = dialog.FindAll(".mud-dialog-actions button")[1];
        Assert.True(button.HasAttribute("disabled"));
        Assert.Equal("confirm-missing", button.GetAttribute("aria-describedby"));
    }

    private static Task ConfirmAsync(IRenderedComponent<MudDialogProvider> dialog) =>
        dialog.FindAll(".mud-dialog-actions button")[1].ClickAsync(new());
}
