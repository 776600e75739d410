using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal;
using Vigia.Tests.Browser.Master;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Browser;

/// <summary>
/// Pages that a portal in use does not show: the creation of the first administrator, and the question about a copied
/// master.
/// </summary>
public sealed class ScreenshotsOfRarePages(ScreenshotsOfRarePages.NoStaff host, Chromium chromium)
    : BrowserTest(host, chromium), IClassFixture<ScreenshotsOfRarePages.NoStaff>
{
    [Theory(Explicit = true)]
    [MemberData(nameof(Screenshots.Looks), MemberType = typeof(Screenshots))]
    public async Task SetUp(string language, bool dark, int width)
    {
        var look = new Look(language, dark, width);
        var page = await NewPageAsync(look);
        await page.GotoAsync(
            $"{PortalUrls.SetUp}?token={Host.Services.GetRequiredService<FirstAdministrator>().IssueToken()}");
        await page.Locator("#full-name").WaitForAsync();
        await Screenshots.SaveAsync(page, $"configurar-{Screenshots.Suffix(look)}");
    }

    public sealed class NoStaff(PostgresServer server) : PortalHost(server)
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("PORTAL_ADMIN_EMAIL", "");
            builder.UseSetting("PORTAL_ADMIN_PASSWORD", "");
        }
    }
}

/// <inheritdoc cref="ScreenshotsOfRarePages"/>
[Trait("needs", "pg_dump")]
public sealed class ScreenshotsOfACopy(MasterPageTests.OnACopy host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<MasterPageTests.OnACopy>
{
    [Theory(Explicit = true)]
    [MemberData(nameof(Screenshots.Looks), MemberType = typeof(Screenshots))]
    public async Task Question(string language, bool dark, int width)
    {
        var look = new Look(language, dark, width);
        var page = await SignedInAsync(PortalUrls.Master, look, MasterPageTests.OnACopy.Email, CoreHost.AdminPassword);
        await Screenshots.SaveAsync(page, $"maestra-copia-{Screenshots.Suffix(look)}");
    }
}
