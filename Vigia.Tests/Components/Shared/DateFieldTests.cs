using Bunit;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class DateFieldTests : ComponentTest
{
    private DayEntry _entry;

    [Theory]
    [InlineData("es-PE", "Último día (obligatorio)", "dd/mm/aaaa", "05/09/2026", "Calendario: Último día")]
    [InlineData("en", "Último día (required)", "d mmm yyyy", "5 Sep 2026", "Calendar: Último día")]
    public void DateField_ADay_IsShownInTheOrderOfTheLanguage(
        string language, string label, string pattern, string text, string calendar)
    {
        Speak(language);
        var field = Render((DateOnly?)new DateOnly(2026, 9, 5), required: true);

        var input = field.Find("#ends");
        Assert.Equal(label, TextOf(field.Find("label[for=ends]")));
        Assert.Equal(pattern, input.GetAttribute("placeholder"));
        Assert.Equal(text, input.GetAttribute("value"));
        Assert.Equal("true", input.GetAttribute("aria-required"));
        Assert.Equal("false", input.GetAttribute("aria-invalid"));
        Assert.Equal("ends-help", input.GetAttribute("aria-describedby"));
        Assert.Equal(calendar, field.Find("button").GetAttribute("aria-label"));
        Assert.Equal("dialog", field.Find("button").GetAttribute("aria-haspopup"));
        Assert.Equal("false", field.Find("button").GetAttribute("aria-expanded"));
    }

    [Theory]
    [InlineData("es-PE", "5/9/2026")]
    [InlineData("es-PE", " 05-09-2026 ")]
    [InlineData("es-PE", "5.9.2026")]
    [InlineData("es-PE", "2026-09-05")]
    [InlineData("en", "5 sep 2026")]
    [InlineData("en", "5 September 2026")]
    [InlineData("en", "2026-09-05")]
    public async Task DateField_Typed_IsReadInTheOrderOfTheLanguage(string language, string text)
    {
        Speak(language);
        var field = Render(default);

        await field.Find("#ends").ChangeAsync(new() { Value = text });

        Assert.Equal(new DateOnly(2026, 9, 5), _entry.Day);
        Assert.False(_entry.IsUnreadable);
    }

    [Theory]
    [InlineData("es-PE", "31/02/2026", "Escriba una fecha que exista, por ejemplo 31/12/2026.")]
    [InlineData("es-PE", "9/2026", "Escriba una fecha que exista, por ejemplo 31/12/2026.")]
    [InlineData("es-PE", "5/9/26", "Escriba una fecha que exista, por ejemplo 31/12/2026.")]
    [InlineData("es-PE", "1/1/0001", "Escriba una fecha que exista, por ejemplo 31/12/2026.")]
    [InlineData("en", "5/9/2026", "Enter a date that exists, for example 31 Dec 2026.")]
    [InlineData("en", "tomorrow", "Enter a date that exists, for example 31 Dec 2026.")]
    public async Task DateField_NotADate_KeepsItsTextWithAnError(string language, string text, string error)
    {
        Speak(language);
        var field = Render((DateOnly?)new DateOnly(2026, 9, 5));

        await field.Find("#ends").ChangeAsync(new() { Value = text });

        Assert.True(_entry.IsUnreadable);
        Assert.Null(_entry.Day);
        field.Render(p => p.Add(f => f.Value, _entry));
        Assert.Equal(text, field.Find("#ends").GetAttribute("value"));
        Assert.Equal(error, field.Find("#ends-error").TextContent);
        Assert.Equal("true", field.Find("#ends").GetAttribute("aria-invalid"));
        Assert.Equal("ends-error ends-help", field.Find("#ends").GetAttribute("aria-describedby"));
        Assert.True(_entry.IsUnreadable);
    }

    [Fact]
    public async Task DateField_Emptied_HasNoDayAndNoError()
    {
        var field = Render((DateOnly?)new DateOnly(2026, 9, 5));

        await field.Find("#ends").ChangeAsync(new() { Value = " " });

        Assert.Equal(default, _entry);
    }

    [Fact]
    public void DateField_RefusedByTheService_ShowsWhy()
    {
        var field = Render((DateOnly?)new DateOnly(2026, 9, 5), error: "Ya pasó.");

        Assert.Equal("Ya pasó.", field.Find("#ends-error").TextContent);
        Assert.Equal("true", field.Find("#ends").GetAttribute("aria-invalid"));
    }

    [Fact]
    public async Task DateField_Calendar_OffersTheDaysFromFirstToLast_AndChoosesOne()
    {
        var provider = Render<MudPopoverProvider>();
        var field = Render(
            (DateOnly?)new DateOnly(2026, 9, 5), min: new DateOnly(2026, 9, 3), max: new DateOnly(2026, 9, 20));

        await field.Find("button").ClickAsync(new());

        Assert.Equal("true", field.Find("button").GetAttribute("aria-expanded"));
        Assert.Equal("sábado, 5 de setiembre de 2026", field.Find("[role=status]").TextContent);
        Assert.Equal("Último día", provider.Find("[role=dialog]").GetAttribute("aria-label"));
        var days = provider.FindAll(".mud-picker-calendar-day:not(.mud-hidden)");
        Assert.Equal(Enumerable.Range(3, 18).Select(day => $"{day}"),
            days.Where(day => !day.HasAttribute("disabled")).Select(TextOf));
        var choosing = days.Single(day => TextOf(day) == "17").ClickAsync(new());
        Time.Advance(TimeSpan.FromSeconds(1));
        await choosing;

        Assert.Equal(new DateOnly(2026, 9, 17), _entry.Day);
        Assert.Equal("false", field.Find("button").GetAttribute("aria-expanded"));
    }

    [Fact]
    public async Task DateField_CalendarInAForm_KeepsTheDayInTheDraft()
    {
        var provider = Render<MudPopoverProvider>();
        var form = Render<DraftForm>(p => p.Add(c => c.Draft, DraftName.Of(Actor.System, "token"))
            .AddChildContent<DateField>(f => f.Add(c => c.Id, "ends").Add(c => c.Label, "Último día")
                .Add(c => c.Value, (DateOnly?)new DateOnly(2026, 9, 5))));

        await form.Find("button").ClickAsync(new());
        var choosing = provider.FindAll(".mud-picker-calendar-day:not(.mud-hidden)").Single(day => TextOf(day) == "17")
            .ClickAsync(new());
        Time.Advance(TimeSpan.FromSeconds(1));
        await choosing;

        Assert.Equal(new Dictionary<string, string> { ["ends"] = "17/09/2026" },
            JSInterop.Invocations["vigia.keep"].Single().Arguments[1]);
    }

    // On the server, which runs in UTC, it is the 25th already.
    [Fact]
    public async Task DateField_Calendar_MarksTodayInLima()
    {
        Time.SetUtcNow(new DateTimeOffset(2026, 11, 25, 2, 0, 0, TimeSpan.Zero));
        var provider = Render<MudPopoverProvider>();
        var field = Render(default);

        await field.Find("button").ClickAsync(new());

        Assert.Equal("24", TextOf(provider.Find(".mud-current")));
    }

    private IRenderedComponent<DateField> Render(
        DayEntry value, bool required = false, string? error = null, DateOnly? min = null, DateOnly? max = null) =>
        Render<DateField>(p => p.Add(f => f.Id, "ends").Add(f => f.Label, "Último día").Add(f => f.Help, "Ayuda")
            .Add(f => f.Value, value).Add(f => f.ValueChanged, entry => _entry = entry).Add(f => f.Required, required)
            .Add(f => f.Error, error).Add(f => f.Min, min).Add(f => f.Max, max));
}
