namespace Vigia.Tests.Browser;

/// <summary>How a browser session looks at the portal.</summary>
public sealed record Look(string Language, bool Dark, int Width)
{
    public static readonly Look Usual = new("es-PE", Dark: false, Width: 1440);

    /// <summary>Both languages in both themes, narrow and wide.</summary>
    public static TheoryData<string, bool, int> All => new()
    {
        { "es-PE", false, 1440 },
        { "es-PE", true, 360 },
        { "en", false, 360 },
        { "en", true, 1440 },
    };
}
