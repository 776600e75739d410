using System.Globalization;
using AngleSharp.Dom;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MudBlazor.Services;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

/// <summary>Renders a component without a browser, in Spanish until the test chooses another language.</summary>
public abstract class ComponentTest : BunitContext
{
    protected ComponentTest()
    {
        Speak("es-PE");
        Services.AddWording();
        Services.AddMudServices();
        Services.AddSingleton<TimeProvider>(Time);
        Services.AddScoped<PageClock>();
        Services.AddScoped<PageDialogs>();
        Services.AddScoped<NoticeLog>();
        Services.AddScoped<PageNotices>();
        Services.AddScoped<CircuitLine>();
        Services.AddSingleton<CircuitLock>();
        Services.AddScoped<BrowserCalls>();
        Services.AddScoped<Drafts>();
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 24, 15, 0, 0, TimeSpan.Zero));

    /// <summary>Sets the language of the reader, which also formats numbers and dates.</summary>
    protected static void Speak(string language) =>
        CultureInfo.CurrentUICulture = CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(language);

    /// <summary>The text of an element with each run of white space as one space.</summary>
    protected static string TextOf(IElement element) =>
        string.Join(' ', element.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
