using MudBlazor;

namespace Vigia.Portal.Components.Layout;

/// <summary>
/// The only theme: colours, type and sizes of the interactive pages and of the account pages, which read the same CSS
/// variables. Every text colour has a contrast of at least 4.5:1 on every surface it is used on, and <c>LinesInputs</c>
/// has at least 3:1. VigiaThemeTests computes these values.
/// </summary>
internal static class VigiaTheme
{
    private static readonly string[] Sans = ["Inter Variable", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif"];

    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#0F6B66", PrimaryContrastText = "#FFFFFF",
            Secondary = "#4F5D6B", SecondaryContrastText = "#FFFFFF",
            Tertiary = "#0F6B66", TertiaryContrastText = "#FFFFFF",
            Info = "#1D5FA8", InfoContrastText = "#FFFFFF",
            Success = "#186C3C", SuccessContrastText = "#FFFFFF",
            Warning = "#875200", WarningContrastText = "#FFFFFF",
            Error = "#B3261E", ErrorContrastText = "#FFFFFF",
            Dark = "#17212B", DarkContrastText = "#FFFFFF",
            TextPrimary = "#17212B", TextSecondary = "#4F5D6B", TextDisabled = "#87929C",
            ActionDefault = "#4F5D6B", ActionDisabled = "#87929C", ActionDisabledBackground = "#E7EBEE",
            Background = "#F5F7F8", BackgroundGray = "#EEF1F3", Surface = "#FFFFFF",
            DrawerBackground = "#F5F7F8", DrawerText = "#17212B", DrawerIcon = "#4F5D6B",
            AppbarBackground = "#FFFFFF", AppbarText = "#17212B",
            LinesDefault = "#DCE2E6", LinesInputs = "#7C8894", Divider = "#DCE2E6", DividerLight = "#E9EDF0",
            TableLines = "#E4E9EC", TableStriped = "#F8FAFB", TableHover = "#F0F5F5", Skeleton = "#E4E9EC",
            GrayLight = "#4F5D6B", HoverOpacity = 0.05, OverlayDark = "rgba(15,22,28,0.45)",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#52C2B6", PrimaryContrastText = "#06211F",
            Secondary = "#A7B3BC", SecondaryContrastText = "#0F1417",
            Tertiary = "#52C2B6", TertiaryContrastText = "#06211F",
            Info = "#84BBF3", InfoContrastText = "#0B1826",
            Success = "#63CE91", SuccessContrastText = "#06200F",
            Warning = "#E8B75A", WarningContrastText = "#221700",
            Error = "#F58E85", ErrorContrastText = "#2A0805",
            Dark = "#2A343A", DarkContrastText = "#E7ECEF",
            TextPrimary = "#E7ECEF", TextSecondary = "#A7B3BC", TextDisabled = "#6B7780",
            ActionDefault = "#A7B3BC", ActionDisabled = "#6B7780", ActionDisabledBackground = "#232C32",
            Background = "#0F1417", BackgroundGray = "#1C252A", Surface = "#171E22",
            DrawerBackground = "#0F1417", DrawerText = "#E7ECEF", DrawerIcon = "#A7B3BC",
            AppbarBackground = "#171E22", AppbarText = "#E7ECEF",
            LinesDefault = "#2A343A", LinesInputs = "#71808B", Divider = "#2A343A", DividerLight = "#222B30",
            TableLines = "#252F35", TableStriped = "#1A2226", TableHover = "#1D272B", Skeleton = "#252F35",
            GrayLight = "#A7B3BC", HoverOpacity = 0.07, OverlayDark = "rgba(0,0,0,0.6)",
        },
        LayoutProperties = new LayoutProperties
        {
            DefaultBorderRadius = "6px", AppbarHeight = "52px",
            DrawerWidthLeft = "216px"
        },
        Typography = new Typography
        {
            Default = Text<DefaultTypography>("0.875rem", "400", "1.45"),
            H1 = Text<H1Typography>("1.375rem", "640", "1.25"),
            H2 = Text<H2Typography>("1.0625rem", "620", "1.35"),
            H3 = Text<H3Typography>("1.0625rem", "620", "1.35"),
            H4 = Text<H4Typography>("0.875rem", "620", "1.45"),
            H5 = Text<H5Typography>("0.875rem", "620", "1.45"),
            H6 = Text<H6Typography>("1.0625rem", "620", "1.35"),
            Subtitle1 = Text<Subtitle1Typography>("0.875rem", "600", "1.45"),
            Subtitle2 = Text<Subtitle2Typography>("0.8125rem", "600", "1.45"),
            Body1 = Text<Body1Typography>("0.875rem", "400", "1.45"),
            Body2 = Text<Body2Typography>("0.8125rem", "400", "1.45"),
            Button = Text<ButtonTypography>("0.875rem", "560", "1.45"),
            Caption = Text<CaptionTypography>("0.75rem", "400", "1.4"),
            Overline = Text<OverlineTypography>("0.75rem", "600", "1.4"),
        },
    };

    private static T Text<T>(string size, string weight, string lineHeight)
        where T : BaseTypography, new() =>
        new()
        {
            FontFamily = Sans, FontSize = size, FontWeight = weight, LineHeight = lineHeight,
            LetterSpacing = "normal", TextTransform = "none"
        };
}
