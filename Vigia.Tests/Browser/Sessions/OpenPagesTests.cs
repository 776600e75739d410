using Microsoft.AspNetCore.Hosting;
using Microsoft.Playwright;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Sessions;

/// <summary>One person does not fill the portal with open pages.</summary>
public sealed class OpenPagesTests(OpenPagesTests.Portal host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<OpenPagesTests.Portal>
{
    [Fact]
    public async Task Pages_OverTheLimitOfOnePerson_SayWhatToDo()
    {
        Expected.Add("429");
        Expected.Add("503");
        var first = await SignedInAsync();
        var second = await first.Context.NewPageAsync();
        await second.GotoAsync(PortalUrls.Tenants);
        await DrawnAsync(second);
        var third = await first.Context.NewPageAsync();

        var answer = await third.GotoAsync(PortalUrls.Operations);

        Assert.Equal(429, answer!.Status);
        await Expect(third.GetByRole(AriaRole.Heading, new() { Name = "Demasiadas páginas abiertas" }))
            .ToBeVisibleAsync();
        await Expect(third.GetByText("Tiene 2 páginas del portal abiertas")).ToBeVisibleAsync();
        await AssertAccessibleAsync(third);
        var other = await SignedInAsync("/", email: await host.SupportAsync());

        // Now the portal has three, which is the most of all people together.
        var full = await other.Context.NewPageAsync();
        Assert.Equal(503, (await full.GotoAsync(PortalUrls.Tenants))!.Status);
        await Expect(full.GetByRole(AriaRole.Heading, new() { Name = "El portal está lleno" })).ToBeVisibleAsync();
        await full.CloseAsync();

        // Leaving a page gives its place back.
        await Expect(third.GetByRole(AriaRole.Link, new() { Name = "Intentar otra vez" }))
            .ToHaveAttributeAsync("href", PortalUrls.Operations);
        await second.CloseAsync();
        await Eventually.HoldsAsync(
            "there is room again",
            async () => (await third.GotoAsync(PortalUrls.Operations))!.Status == 200, Cancellation);
        await Expect(third.GetByRole(AriaRole.Heading, new() { Name = "Operaciones", Exact = true }))
            .ToBeVisibleAsync();
    }

    /// <summary>A portal with two open pages per person, and three of all people.</summary>
    public sealed class Portal(PostgresServer server) : PortalHost(server)
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("Limits:OpenPagesPerPerson", "2");
            builder.UseSetting("Limits:OpenPages", "3");
        }
    }
}
