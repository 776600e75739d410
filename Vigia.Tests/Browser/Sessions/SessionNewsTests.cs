using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.Team;
using Vigia.Portal;
using Vigia.Portal.Components.Sessions;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Sessions;

/// <summary>
/// A change of an account reaches its open pages at once, whether this or another instance made it. These pages do not
/// poll.
/// </summary>
public sealed class SessionNewsTests(SessionNewsTests.Inattentive host, Chromium chromium)
    : BrowserTest(host, chromium), IClassFixture<SessionNewsTests.Inattentive>
{
    protected override bool SignsInEachTime => true;

    public static TheoryData<string> Endings =>
        [nameof(StaffChanges.DisableAsync), nameof(StaffChanges.ChangeAccessAsync),
        nameof(StaffProtection.ResetSecondFactorAsync), nameof(StaffProtection.EndSessionsAsync), nameof(OwnPassword)];

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task OpenPage_SessionEndsHere_IsClosed(string how) => await EndAsync(how, host.Services);

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task OpenPage_SessionEndsOnAnotherInstance_IsClosed(string how)
    {
        await using var other = await CoreHost.StartAsync(host.Postgres, workers: false, master: host.Master);
        await EndAsync(how, other.Services);
    }

    [Fact]
    public async Task OpenPage_PersonRenamedOnAnotherInstance_ShowsTheNewName()
    {
        var member = await host.AddStaffAsync("Berta Operadora", StaffRoles.Operator);
        var page = await SignedInAsync(PortalUrls.Tenants, email: member.Email!, password: SecondFactorPages.Password);
        await using var other = await CoreHost.StartAsync(host.Postgres, workers: false, master: host.Master);

        await other.Get<StaffChanges>()
            .RenameAsync(await host.AdministratorAsync(), member.Id, "Berta Huamán", Cancellation);

        await Expect(page.GetByTitle("Berta Huamán")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Clientes", Level = 1 })).ToBeVisibleAsync();
    }

    private async Task EndAsync(string how, IServiceProvider services)
    {
        var member = await host.AddStaffAsync("Carla Operadora", StaffRoles.Operator);
        var (_, codes) = await host.EnableAsync(member, StaffRoles.Operator);
        var page = await SignedInAsync(member, codes[0]);
        var (ana, own) = (await host.AdministratorAsync(), SecondFactorPages.ActorOf(member, StaffRoles.Operator));

        await (how switch
        {
            nameof(StaffChanges.DisableAsync) =>
                services.GetRequiredService<StaffChanges>()
                .DisableAsync(ana, member.Id, "Dejó la empresa", Cancellation),
            nameof(StaffChanges.ChangeAccessAsync) =>
                services.GetRequiredService<StaffChanges>()
                .ChangeAccessAsync(ana, member.Id, PortalTeam.Access(StaffRoles.Support), Cancellation),
            nameof(StaffProtection.ResetSecondFactorAsync) =>
                services.GetRequiredService<StaffProtection>()
                .ResetSecondFactorAsync(ana, member.Id, "Perdió el teléfono", Cancellation),
            nameof(StaffProtection.EndSessionsAsync) =>
                services.GetRequiredService<StaffProtection>().EndSessionsAsync(ana, member.Id, null, Cancellation),
            _ => services.GetRequiredService<OwnPassword>().ChangeAsync(
                own, SecondFactorPages.Password, "Otra-escoba-de-palo-45", null, andTokens: false, Cancellation),
        });

        await Expect(page.Locator("#email")).ToBeVisibleAsync();
    }

    private async Task<IPage> SignedInAsync(StaffMember member, string code)
    {
        var page = await NewPageAsync();
        await page.GotoAsync(PortalUrls.SignInAndReturn(PortalUrls.Tenants));
        await page.TypePasswordAsync(member.Email!);
        await page.TypeCodeAsync(code);
        await DrawnAsync(page);
        return page;
    }

    /// <summary>A portal that checks its sessions only every ten minutes.</summary>
    public sealed class Inattentive(PostgresServer server) : PortalHost(server)
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("SECRET_KEY", CoreHost.Secret);
            builder.ConfigureTestServices(
                services => services.Configure<SessionPace>(pace => pace.Look = pace.Trust = TimeSpan.FromMinutes(10)));
        }
    }
}
