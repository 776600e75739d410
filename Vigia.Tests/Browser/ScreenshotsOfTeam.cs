using Microsoft.Playwright;
using Vigia.Portal;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser;

/// <summary>Pictures of the team and of the actions on its members.</summary>
/// <inheritdoc cref="Screenshots"/>
public sealed class ScreenshotsOfTeam(TeamHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<TeamHost>
{
    [Theory(Explicit = true)]
    [MemberData(nameof(Screenshots.Looks), MemberType = typeof(Screenshots))]
    public async Task Take(string language, bool dark, int width)
    {
        var look = new Look(language, dark, width);
        var suffix = Screenshots.Suffix(look);
        var page = await SignedInAsync("/", look);
        var olga = PortalUrls.TeamMember(host.OlgaId);
        foreach (var (name, path) in new[]
        {
            ("equipo", PortalUrls.Team), ("equipo-derechos", PortalUrls.TeamRights(null)), ("equipo-persona", olga),
            ("equipo-persona-sesiones", $"{olga}?seccion=sesiones"),
            ("equipo-persona-historial", $"{olga}?seccion=historial"),
            ("equipo-persona-peligro", $"{olga}?seccion=peligro"),
            ("equipo-auditora", PortalUrls.TeamMember(host.AuroraId)),
        })
        {
            await page.GotoAsync(path);
            await DrawnAsync(page);
            await Expect(page.Locator(".skeleton")).ToHaveCountAsync(0);
            await Screenshots.SaveAsync(page, $"{name}-{suffix}");
        }

        await DialogAsync(page, PortalUrls.Team, ".page-actions button", $"equipo-invitar-{suffix}");
        await DialogAsync(page, PortalUrls.TeamMember(host.AuroraId), ".page-actions button:nth-last-child(2)",
            $"equipo-acceso-{suffix}");
        await DialogAsync(page, $"{olga}?seccion=peligro", "main .danger-row button, main .danger button",
            $"equipo-inhabilitar-{suffix}");
    }

    private static async Task DialogAsync(IPage page, string path, string button, string name)
    {
        await page.GotoAsync(path);
        await DrawnAsync(page);
        await page.Locator(button).Last.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await Screenshots.SaveAsync(page, name);
    }
}
