using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Master;
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

    private async Task<int> MailsAsync(StaffMember member)
    {
        await using var db = await host.Services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(Cancellation);
        return await db.Set<OutboxMessage>().CountAsync(
            m => m.StaffId == member.Id && m.Kind == Outbox.StaffNotice, Cancellation);
    }
}
