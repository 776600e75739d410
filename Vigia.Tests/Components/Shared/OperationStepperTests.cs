using Bunit;
using Vigia.Core.Operations;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class OperationStepperTests : ComponentTest
{
    [Theory]
    [InlineData("es-PE", "Reservar: Hecho")]
    [InlineData("en", "Reservar: Done")]
    public void OperationStepper_StepEnds_IsAnnouncedOnce(string language, string announced)
    {
        Speak(language);
        var first = new StepView("Reservar", StepState.Running) { Attempt = 1, StartedAt = Time.GetUtcNow() };
        var stepper = Render([first, new StepView("Crear", StepState.Pending)]);
        Assert.Equal("", stepper.Find("[role=status]").TextContent);

        stepper.Render(p =>
            p.Add(s => s.Steps, [first with { State = StepState.Done, FinishedAt = Time.GetUtcNow().AddSeconds(2) },
            new StepView("Crear", StepState.Pending)]));

        Assert.Equal(announced, stepper.Find("[role=status]").TextContent);
        Assert.Null(stepper.Find(".step-done").GetAttribute("aria-current"));
        Assert.Equal("2 s", TextOf(stepper.Find(".step-done .step-time")));
    }

    [Theory]
    [InlineData("es-PE", "Pasos", "intento 3")]
    [InlineData("en", "Steps", "attempt 3")]
    public void OperationStepper_Failed_ShowsTheErrorWithTheAdviceAndTheAttempt(
        string language, string name, string attempt)
    {
        Speak(language);
        var stepper = Render([new StepView("Crear", StepState.Failed) { Attempt = 3, StartedAt = Time.GetUtcNow(),
            Error = "El disco está lleno.", Advice = "Libere espacio." }]);

        Assert.Equal(name, stepper.Find("ol").GetAttribute("aria-label"));
        Assert.Equal("El disco está lleno.", stepper.Find(".step-error").TextContent);
        Assert.Equal("Libere espacio.", stepper.Find(".step-detail").TextContent);
        Assert.EndsWith(attempt, stepper.Find(".step-state").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void OperationStepper_TheRunningStep_IsTheCurrentOne()
    {
        var stepper = Render(
            [.. Enum.GetValues<StepState>().Select(state => new StepView($"{state}", state))]);

        var current = Assert.Single(stepper.FindAll("[aria-current=step]"));
        Assert.Equal("Running", current.QuerySelector("strong")!.TextContent);
        Assert.All(stepper.FindAll(".step-state"), state => Assert.DoesNotContain("Step_", state.TextContent));
        Assert.All(stepper.FindAll(".step-sign svg"), icon => Assert.Equal("true", icon.GetAttribute("aria-hidden")));
    }

    [Fact]
    public void OperationStepper_TextWithMarkup_IsEscaped()
    {
        var stepper = Render([new StepView("Crear", StepState.Failed) { Error = "<script>alert(1)</script>" }]);

        Assert.Empty(stepper.FindAll("script"));
        Assert.Contains("<script>", stepper.Find(".step-error").TextContent, StringComparison.Ordinal);
    }

    private IRenderedComponent<OperationStepper> Render(IReadOnlyList<StepView> steps) =>
        Render<OperationStepper>(p => p.Add(s => s.Steps, steps));
}
