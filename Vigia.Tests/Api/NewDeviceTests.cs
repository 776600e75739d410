using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Team;
using Vigia.Tests.Browser;

namespace Vigia.Tests.Api;

/// <summary>A sign-in on a browser that the person has not used before is told to them by mail.</summary>
public sealed class NewDeviceTests(ApiHost host) : IClassFixture<ApiHost>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SignIn_OnANewBrowser_SendsAMailOnceAndNotForTheFirstBrowser()
    {
        var member = await host.AddStaffAsync("Dora Dispositivos", StaffRoles.Support);
        using var first = new BrowserSession(host);
        using var second = new BrowserSession(host);

        await first.SignInAsync(member.Email!, SecondFactorPages.Password);
        first.Close();
        await first.SignInAsync(member.Email!, SecondFactorPages.Password);
        Assert.Equal(0, await MailsAsync(member));
        await second.SignInAsync(member.Email!, SecondFactorPages.Password);
        second.Close();
        await second.SignInAsync(member.Email!, SecondFactorPages.Password);

        Assert.Equal(1, await MailsAsync(member));
    }

    // Neither the row of the sign-in nor the mail can hold half a character.
    [Fact]
    public async Task SignIn_BrowserNameCutInsideACharacter_IsAccepted()
    {
        var member = await host.AddStaffAsync("Emilia Emoji", StaffRoles.Support);
        using var first = new BrowserSession(host);
        await first.SignInAsync(member.Email!, SecondFactorPages.Password);
        using var second = new BrowserSession(
            host, $"{new string('a', 199)}\ud83d\ude00{new string('a', 198)}\ud83d\ude00");

        Assert.NotEmpty(await second.SignInAsync(member.Email!, SecondFactorPages.Password));

        Assert.Equal(1, await MailsAsync(member));
    }

    // Somebody who had the account may have left a browser behind that counts as known.
    [Fact]
    public async Task SignIn_AfterAllSessionsWereEnded_IsOneOnANewBrowser()
    {
        var member = await host.AddStaffAsync("Olga Olvidada", StaffRoles.Support);
        using var browser = new BrowserSession(host);
        await browser.SignInAsync(member.Email!, SecondFactorPages.Password);
        await using (var scope = host.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<StaffProtection>()
                .EndSessionsAsync(Actor.System, member.Id, null, Cancellation);
        }

        browser.Close();
        await browser.SignInAsync(member.Email!, SecondFactorPages.Password);

        Assert.Equal(1, await MailsAsync(member));
    }

    [Fact]
    public async Task SignIn_TrailAcceptsNoRecord_IsToldByMailAnyway()
    {
        var member = await host.AddStaffAsync("Clara Cerrada", StaffRoles.Support);
        using var first = new BrowserSession(host);
        await first.SignInAsync(member.Email!, SecondFactorPages.Password);
        await using var session = await host.Services.GetRequiredService<NpgsqlDataSource>()
            .OpenConnectionAsync(Cancellation);
        await MasterDatabase.ExecuteAsync(
            session, "UPDATE portal.audit_head SET first_seq = first_seq + 1", Cancellation);
        try
        {
            using var second = new BrowserSession(host);
            await second.SignInAsync(member.Email!, SecondFactorPages.Password);
        }
        finally
        {
            await MasterDatabase.ExecuteAsync(
                session, "UPDATE portal.audit_head SET first_seq = first_seq - 1", Cancellation);
        }

        Assert.Equal(1, await MailsAsync(member));
    }

    private async Task<int> MailsAsync(StaffMember member)
    {
        await using var db = await host.Services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(Cancellation);
        return await db.Set<OutboxMessage>().CountAsync(
            m => m.StaffId == member.Id && m.Kind == Outbox.StaffNotice, Cancellation);
    }
}
