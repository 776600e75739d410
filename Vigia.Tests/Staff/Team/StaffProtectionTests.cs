using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Team;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Staff.Team;

public sealed class StaffProtectionTests(PostgresServer server) : StaffTestBase(server)
{
    [Fact]
    public async Task ResetSecondFactor_RemovesEverythingButThePassword()
    {
        var id = Host.Support.StaffId!.Value;
        await AssertRefusedAsync(
            "staff_no_second_factor",
            () => Protection.ResetSecondFactorAsync(Host.Admin, id, "Perdió el teléfono", Cancellation));
        await TurnOnSecondFactorAsync(id);
        await AddHoldingsAsync(id);
        var before = (await DetailsAsync(id)).Member;
        Assert.Equal((true, 1), (before.HasSecondFactor, before.Passkeys));
        Assert.Equal(CredentialOutcome.SecondFactorNeeded, await SignInAsync(before.Email, CoreHost.AdminPassword));
        await AssertInvalidAsync(
            "reason", "reason_required", () => Protection.ResetSecondFactorAsync(Host.Admin, id, "", Cancellation));
        await AssertRefusedAsync(
            "staff_own_account",
            () => Protection.ResetSecondFactorAsync(Host.Admin, Host.Admin.StaffId!.Value, "yo", Cancellation));

        await Protection.ResetSecondFactorAsync(Host.Admin, id, "Perdió el teléfono", Cancellation);

        var after = (await DetailsAsync(id)).Member;
        Assert.Equal((false, 0, 0, 0), (after.HasSecondFactor, after.Passkeys, after.OpenSessions, after.LiveTokens));
        Assert.Equal(CredentialOutcome.Accepted, await SignInAsync(before.Email, CoreHost.AdminPassword));
        Assert.Equal(0, await Host.ScalarAsync<long>(
            Host.Master.Database, $"SELECT count(*) FROM portal.staff_tokens WHERE user_id = '{id}'"));
        Assert.Equal("Perdió el teléfono", (await RecordAsync("staff.second_factor_reset")).Reason);
    }

    [Fact]
    public async Task Unlock_AfterTooManyTries_LetsThemTryAgain()
    {
        var id = Host.Support.StaffId!.Value;
        var email = (await DetailsAsync(id)).Member.Email;
        for (var i = 0; i < 5; i++)
        {
            await SignInAsync(email, "no-es");
        }

        Assert.Equal(StaffState.Locked, (await DetailsAsync(id)).Member.State);
        await Assert.ThrowsAsync<TooManyTriesException>(() => SignInAsync(email, CoreHost.AdminPassword));
        Assert.True(await Protection.UnlockAsync(Host.Admin, id, Cancellation));
        Assert.Equal(CredentialOutcome.Accepted, await SignInAsync(email, CoreHost.AdminPassword));
        Assert.False(await Protection.UnlockAsync(Host.Admin, id, Cancellation));
        await RecordAsync("staff.unlocked");
    }

    // A known browser has counters of its own, which nobody but its person fills.
    [Fact]
    public async Task Unlock_AfterTooManyTriesInAKnownBrowser_IsShownAndLetsThemTryAgain()
    {
        var (id, device) = (Host.Support.StaffId!.Value, Guid.NewGuid());
        var email = (await DetailsAsync(id)).Member.Email;
        await using var scope = Host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<KnownBrowsers>().RememberAsync(id, device, Cancellation);
        var credentials = scope.ServiceProvider.GetRequiredService<StaffCredentials>();
        for (var i = 0; i < 5; i++)
        {
            await TryAsync("no-es");
        }

        await Assert.ThrowsAsync<TooManyTriesException>(() => TryAsync(CoreHost.AdminPassword));
        var member = (await DetailsAsync(id)).Member;
        Assert.Equal((StaffState.Locked, true), (member.State, member.IsKnownBrowserLocked));
        Assert.True(await Protection.UnlockAsync(Host.Admin, id, Cancellation));

        Assert.Equal(CredentialOutcome.Accepted, (await TryAsync(CoreHost.AdminPassword)).Outcome);
        Assert.Equal(StaffState.Active, (await DetailsAsync(id)).Member.State);

        Task<CredentialCheck> TryAsync(string password) => credentials.CheckPasswordAsync(
            email, password, new SignInOrigin("192.0.2.9", device), Cancellation);
    }

    [Fact]
    public async Task KnownBrowsers_OfManySignIns_AreTheLatestOnes()
    {
        var id = Host.Support.StaffId!.Value;
        await using var scope = Host.Services.CreateAsyncScope();
        var browsers = scope.ServiceProvider.GetRequiredService<KnownBrowsers>();
        var last = Guid.NewGuid();
        for (var i = 0; i < KnownBrowsers.Most; i++)
        {
            await browsers.RememberAsync(id, Guid.NewGuid(), Cancellation);
        }

        await browsers.RememberAsync(id, last, Cancellation);
        await browsers.RememberAsync(id, last, Cancellation);

        Assert.Equal(KnownBrowsers.Most, await CountAsync(""));
        Assert.Equal(1, await CountAsync($" AND name = '{last:N}'"));

        Task<long> CountAsync(string more) => Host.ScalarAsync<long>(
            Host.Master.Database, $"SELECT count(*) FROM portal.staff_tokens WHERE user_id = '{id}'{more}");
    }

    [Theory]
    [InlineData(SignInMethods.Password)]
    [InlineData(SignInMethods.Oidc)]
    public async Task Unlock_AfterTooManyWrongCodes_LetsThemTryAgain(string first)
    {
        var id = Host.Support.StaffId!.Value;
        await TurnOnSecondFactorAsync(id);
        for (var i = 0; i < 5; i++)
        {
            await CodeAsync(id, first);
        }

        await Assert.ThrowsAsync<TooManyTriesException>(() => CodeAsync(id, first));
        var member = (await DetailsAsync(id)).Member;
        Assert.Equal((StaffState.Locked, true), (member.State, member.LockedUntil > DateTimeOffset.UtcNow));
        Assert.True(await Protection.UnlockAsync(Host.Admin, id, Cancellation));

        Assert.Equal(StaffState.Active, (await DetailsAsync(id)).Member.State);
        Assert.Equal(CredentialOutcome.SecondFactorWrong, await CodeAsync(id, first));
    }

    [Fact]
    public async Task SessionsAndTokens_EndedOneOrAll_AreRecorded()
    {
        var id = Host.Support.StaffId!.Value;
        var (first, token) = await AddHoldingsAsync(id);
        await AddHoldingsAsync(id);
        await AddHoldingsAsync(id);
        var (foreign, _) = await AddHoldingsAsync(Host.Admin.StaffId!.Value);

        Assert.Equal(new EndedAccess(0, 0), await Protection.EndSessionsAsync(Host.Admin, id, foreign, Cancellation));
        Assert.Equal(new EndedAccess(1, 0), await Protection.EndSessionsAsync(Host.Admin, id, first, Cancellation));
        Assert.Equal(2, (await DetailsAsync(id)).Sessions.Count);
        Assert.True(await Protection.RevokeTokenAsync(Host.Admin, id, token, Cancellation));
        Assert.False(await Protection.RevokeTokenAsync(Host.Admin, id, token, Cancellation));
        Assert.DoesNotContain((await DetailsAsync(id)).Tokens, t => t.Id == token);
        Assert.Equal(new EndedAccess(2, 2), await Protection.EndSessionsAsync(Host.Admin, id, null, Cancellation));
        Assert.Empty((await DetailsAsync(id)).Tokens);
        Assert.Equal(new EndedAccess(0, 0), await Protection.EndSessionsAsync(Host.Admin, id, null, Cancellation));
        Assert.Equal(1, (await DetailsAsync(Host.Admin.StaffId.Value)).Member.OpenSessions);
        Assert.Equal(2, await Host.ScalarAsync<long>(
            Host.Master.Database,
            "SELECT count(*) FROM portal.audit_events WHERE action = 'staff.member_sessions_ended'"));
        await RecordAsync("staff.member_token_revoked");
    }

    [Fact]
    public async Task Session_OlderThanItsHours_IsNotOpen()
    {
        var id = Host.Support.StaffId!.Value;
        await AddHoldingsAsync(id);
        await ExecuteAsync("UPDATE portal.staff_sessions SET created_at = now() - interval '11 hours'");
        Assert.Equal(0, (await DetailsAsync(id)).Member.OpenSessions);
        Assert.Empty((await DetailsAsync(id)).Sessions);
    }

    private async Task<CredentialOutcome> CodeAsync(Guid id, string first)
    {
        await using var scope = Host.Services.CreateAsyncScope();
        var member = await scope.ServiceProvider.GetRequiredService<UserManager<StaffMember>>()
            .FindByIdAsync(id.ToString());
        return (await scope.ServiceProvider.GetRequiredService<StaffCredentials>()
            .CheckCodeAsync(member!, first, "no-es", new SignInOrigin("192.0.2.7", null), Cancellation)).Outcome;
    }

    private async Task TurnOnSecondFactorAsync(Guid id)
    {
        await using var scope = Host.Services.CreateAsyncScope();
        var members = scope.ServiceProvider.GetRequiredService<UserManager<StaffMember>>();
        var member = (await members.FindByIdAsync(id.ToString()))!;
        await members.ResetAuthenticatorKeyAsync(member);
        await members.GenerateNewTwoFactorRecoveryCodesAsync(member, 10);
        await members.SetTwoFactorEnabledAsync(member, true);
        await members.AddOrUpdatePasskeyAsync(
            member, new UserPasskeyInfo([1, 2, 3], [4], DateTimeOffset.UtcNow, 0, null, true, false, false, [5], [6]));
    }
}
