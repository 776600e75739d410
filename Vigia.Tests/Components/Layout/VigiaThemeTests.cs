using MudBlazor;
using MudBlazor.Utilities;
using Vigia.Portal.Components.Layout;

namespace Vigia.Tests.Components.Layout;

/// <summary>
/// Contrast as WCAG 2.2 computes it (1.4.3 and 1.4.11), for every text colour on every surface on which it is used.
/// </summary>
public sealed class VigiaThemeTests
{
    public static TheoryData<bool> Themes => [false, true];

    [Theory]
    [MemberData(nameof(Themes))]
    public void TextColours_OnEverySurface_Reach45(bool dark)
    {
        Palette palette = dark ? VigiaTheme.Theme.PaletteDark : VigiaTheme.Theme.PaletteLight;
        MudColor[] surfaces = [palette.Surface, palette.Background, palette.BackgroundGray];
        (string Name, MudColor Colour)[] texts =
        [
            (nameof(palette.TextPrimary), palette.TextPrimary), (nameof(palette.TextSecondary), palette.TextSecondary),
            (nameof(palette.Primary), palette.Primary),
            (nameof(palette.Info), palette.Info), (nameof(palette.Success), palette.Success),
            (nameof(palette.Warning), palette.Warning), (nameof(palette.Error), palette.Error),
        ];

        Assert.All(texts, text =>
            Assert.All(surfaces,
            surface => Assert.True(
            Contrast(text.Colour, surface) >= 4.5,
            $"{text.Name} on {surface}: {Contrast(text.Colour, surface):0.00}")));
        Assert.True(Contrast(palette.PrimaryContrastText, palette.Primary) >= 4.5);
        Assert.True(Contrast(palette.ErrorContrastText, palette.Error) >= 4.5);
    }

    [Theory]
    [MemberData(nameof(Themes))]
    public void EdgesOfFields_OnTheirSurface_Reach3(bool dark)
    {
        Palette palette = dark ? VigiaTheme.Theme.PaletteDark : VigiaTheme.Theme.PaletteLight;

        Assert.True(Contrast(palette.LinesInputs, palette.Surface) >= 3,
            $"{Contrast(palette.LinesInputs, palette.Surface):0.00}");
    }

    private static double Contrast(MudColor one, MudColor other)
    {
        var (a, b) = (Luminance(one), Luminance(other));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    private static double Luminance(MudColor colour) =>
        (0.2126 * Linear(colour.R)) + (0.7152 * Linear(colour.G)) + (0.0722 * Linear(colour.B));

    private static double Linear(byte channel) =>
        channel / 255.0 is var c && c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4);
}
