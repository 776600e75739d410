namespace Vigia.Tests.Browser;

/// <summary>How a browser session looks at the portal.</summary>
public sealed record Look(string Language, bool Dark, int Width)
{
    public static readonly Look Usual = new("es-PE", Dark: false, Width: 1440);

    /// <summary>Both languages, narrow and wide, in one of the themes.</summary>
    public static TheoryData<string, bool, int> All => new()
    {
        { "es-PE", false, 1440 },
        { "en", true, 360 },
        { "es-PE", true, 360 },
        { "en", false, 1440 },
    };

    /// <summary>
    /// Whether this is one of the two that axe reads where many pages are gone through: between them they have each language, theme and width, and
    /// what axe finds (names, structure, contrast) comes of one of these. Whether a page fits needs all four.
    /// </summary>
    public bool IsOpposite => this is { Language: "es-PE", Dark: false, Width: 1440 } or { Language: "en", Dark: true, Width: 360 };
}
