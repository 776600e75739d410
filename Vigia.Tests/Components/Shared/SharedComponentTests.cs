using System.Globalization;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MudBlazor.Services;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

/// <summary>
/// The components that every page consists of, rendered without a browser: their texts, and the people who see them.
/// </summary>
public sealed class SharedComponentTests : BunitContext
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 15, 0, 0, TimeSpan.Zero));

    public SharedComponentTests()
    {
        // The texts are formatted in the culture of the reader.
        CultureInfo.CurrentUICulture = CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("es-PE");
        Services.AddLocalization();
        Services.AddMudServices();
        Services.AddSingleton<TimeProvider>(_time);
        Services.AddSingleton<PageClock>();
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    [Theory]
    [InlineData(89, 100L, null)]
    [InlineData(90, 100L, "near")]
    [InlineData(100, 100L, "over")]
    [InlineData(7, 0L, "over")]
    [InlineData(5_000_000, null, null)]
    public void LimitBar_HowFull_IsSaidInWordsAndNotOnlyInColour(long used, long? max, string? note)
    {
        var bar = Render<LimitBar>(p => p.Add(b => b.Label, "Usuarios").Add(b => b.Used, used).Add(b => b.Max, max));

        Assert.Equal(note is not null, bar.FindAll(".limit-note").Count == 1);
        Assert.Equal(note is not null, bar.Find(".limit").ClassList.Contains(note ?? "over"));
        Assert.Equal(max is not null, bar.FindAll("[role=meter]").Count == 1);
        if (max is { } limit)
        {
            Assert.Equal($"{Math.Min(used, limit)}", bar.Find("[role=meter]").GetAttribute("aria-valuenow"));
        }
    }

    [Fact]
    public void OperationStepper_StepEnds_IsAnnouncedOnceAndTheFirstSightIsNot()
    {
        var first = new StepView("Reservar", StepState.Running) { Attempt = 1, StartedAt = _time.GetUtcNow() };
        var stepper = Render<OperationStepper>(
            p => p.Add(s => s.Steps, [first, new StepView("Crear", StepState.Pending)]));
        Assert.Equal("", stepper.Find("[role=status]").TextContent);

        stepper.Render(p =>
            p.Add(s => s.Steps, [first with { State = StepState.Done, FinishedAt = _time.GetUtcNow().AddSeconds(2) },
            new StepView("Crear", StepState.Pending)]));

        Assert.StartsWith("Reservar:", stepper.Find("[role=status]").TextContent, StringComparison.Ordinal);
        Assert.Null(stepper.Find(".step-done").GetAttribute("aria-current"));
    }

    [Fact]
    public void OperationStepper_Failed_ShowsTheErrorWithWhatToDoAndTheAttempt()
    {
        var stepper = Render<OperationStepper>(p => p.Add(s => s.Steps,
            [new StepView("Crear", StepState.Failed) { Attempt = 3, StartedAt = _time.GetUtcNow(),
                Error = "El disco está lleno.", Advice = "Libere espacio." }]));

        Assert.Equal("El disco está lleno.", stepper.Find(".step-error").TextContent);
        Assert.Equal("Libere espacio.", stepper.Find(".step-detail").TextContent);
        Assert.Contains("3", stepper.Find(".step-state").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void OperationStepper_TextWithMarkup_IsText()
    {
        var stepper = Render<OperationStepper>(
            p => p.Add(s => s.Steps,
            [new StepView("Crear", StepState.Failed) { Error = "<script>alert(1)</script>" }]));

        Assert.Empty(stepper.FindAll("script"));
        Assert.Contains("<script>", stepper.Find(".step-error").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Moment_HasTheExactTimeOfLimaAndStaysTrueWhileTheClockGoes()
    {
        var moment = Render<Moment>(p => p.Add(m => m.At, _time.GetUtcNow().AddMinutes(-1)));
        var before = moment.Find("time").TextContent;
        Assert.Contains("09:59", moment.Find("time").GetAttribute("title"), StringComparison.Ordinal);
        Assert.Equal("2026-11-24T14:59:00.0000000Z", moment.Find("time").GetAttribute("datetime"));

        _time.Advance(TimeSpan.FromHours(2));

        moment.WaitForAssertion(() => Assert.NotEqual(before, moment.Find("time").TextContent));
    }

    [Fact]
    public void Moment_None_SaysSo() =>
        Render<Moment>(p => p.Add(m => m.At, null).Add(m => m.Missing, "nunca")).MarkupMatches("nunca");

    [Theory]
    [InlineData(0L, "0 B")]
    [InlineData(1023L, "1023 B")]
    [InlineData(1024L, "1 KB")]
    [InlineData(1_048_064L, "1 MB")]
    [InlineData(10_485_760L, "10 MB")]
    [InlineData(1_610_612_736L, "1.5 GB")]
    public void HumanSize_UnitAPersonUses(long bytes, string text) =>
        Assert.Equal(text, Render<HumanSize>(p => p.Add(s => s.Bytes, bytes)).Find("span").TextContent);

    [Fact]
    public async Task CopyableCode_Pressed_CopiesExactlyTheTextAndSaysSo()
    {
        var copy = JSInterop.Setup<bool>("vigia.copy", "20131312955");
        copy.SetResult(true);
        var code = Render<CopyableCode>(p => p.Add(c => c.Text, "20131312955").Add(c => c.What, "RUC"));
        Assert.Equal("", code.Find("[role=status]").TextContent);

        await code.Find("button").ClickAsync(new());

        Assert.Single(copy.Invocations);
        Assert.NotEqual("", code.Find("[role=status]").TextContent);
    }

    [Fact]
    public void StateChip_EveryStatus_HasASignAndAWord()
    {
        foreach (var status in Enum.GetValues<TenantStatus>().Except([TenantStatus.Withdrawn, TenantStatus.Ready]))
        {
            var chip = Render<StateChip>(p => p.Add(c => c.Look, StateLook.Tenant(status)));
            Assert.NotEqual(StateLook.Tenant(status).TextKey, chip.Find(".state-chip").TextContent.Trim());
            Assert.Single(chip.FindAll("svg"));
        }
    }
}
