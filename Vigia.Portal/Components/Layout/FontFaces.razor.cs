using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Layout;

/// <summary>The fonts of every page. A browser loads only the files with characters that a page contains.</summary>
public sealed partial class FontFaces
{
    /// <summary>Whether the page has no text at first, so that everything else goes first.</summary>
    [Parameter]
    public bool Late { get; set; }

    private const string Latin =
        "U+0000-00FF, U+0131, U+0152-0153, U+02BB-02BC, U+02C6, U+02DA, U+02DC, U+0304, U+0308, U+0329, U+2000-206F, "
        + "U+20AC, U+2122, U+2191, U+2193, U+2212, U+2215, U+FEFF, U+FFFD";

    private const string LatinExtended =
        "U+0100-02BA, U+02BD-02C5, U+02C7-02CC, U+02CE-02D7, U+02DD-02FF, U+0304, U+0308, U+0329, U+1D00-1DBF, "
        + "U+1E00-1E9F, U+1EF2-1EFF, U+2020, U+20A0-20AB, U+20AD-20C0, U+2113, U+2C60-2C7F, U+A720-A7FF";

    private const string Mono =
        "U+0000-00FF, U+0131, U+0152-0153, U+02BB-02BC, U+02C6, U+02DA, U+02DC, U+2000-206F, U+20AC, U+2122, U+2191, "
        + "U+2193, U+2212, U+2215, U+FEFF, U+FFFD";

    private const string MonoExtended = "U+0100-02BA, U+1E00-1E9F, U+20A0-20AB, U+2C60-2C7F, U+A720-A7FF";
}
