namespace Vigia.Tests.Browser;

/// <summary>The language, theme and width with which a browser session shows the portal.</summary>
public sealed record Look(string Language, bool Dark, int Width)
{
    /// <summary>The language of the browser itself. Null means that of the portal.</summary>
    public string? BrowserLanguage { get; init; }

    public static readonly Look Usual = new("es-PE", Dark: false, Width: 1440);

    /// <summary>
    /// Two opposite looks, which together cover both languages, both themes, a narrow and a wide window.
    /// </summary>
    public static TheoryData<string, bool, int> All => new()
    {
        { "es-PE", false, 1440 },
        { "en", true, 360 },
    };
}
