using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Staff.SignIn;

/// <summary>Wrong tries to sign in delay their account and source, and nobody else.</summary>
public sealed class ThrottleTests(PostgresServer server) : SignInTestBase(server)
{
    private const string Wrong = "No-es-la-de-ana-7";
    private const int Free = 5;

    [Theory]
    [InlineData(Email)]
    [InlineData("nadie@vigia.test")]
    public async Task Check_OverTheFreeTries_WaitsLongerEachTime(string email)
    {
        for (var i = 0; i < Free; i++)
        {
            Assert.Null(await WaitAsync(Wrong, email: email));
        }

        foreach (var minutes in new[] { 1, 2, 4, 8, 15, 15 })
        {
            var before = Hasher.Verified;
            var wait = await WaitAsync(CoreHost.AdminPassword, email: email);
            Assert.Equal(60 * minutes, wait!.Value.TotalSeconds, tolerance: 0.01);
            Assert.Equal(0, Hasher.Verified - before);
            Time.Advance(TimeSpan.FromMinutes(minutes));
            Assert.Null(await WaitAsync(Wrong, email: email));
        }
    }

    [Fact]
    public async Task Check_NamesThatNormalizeAlike_AreCountedTogether()
    {
        foreach (var email in new[] { "ANA@vigia.test", "ana@VIGIA.test", "Ana@Vigia.Test", Email, "aNA@vigia.test" })
        {
            Assert.Null(await WaitAsync(Wrong, email: email));
        }

        Assert.NotNull(await WaitAsync(Wrong));
        var composed = "mu\u00f1oz@vigia.test";
        for (var i = 0; i < Free; i++)
        {
            Assert.Null(await WaitAsync(
                Wrong, email: i % 2 == 0 ? composed : composed.Normalize(System.Text.NormalizationForm.FormD)));
        }

        Assert.NotNull(await WaitAsync(Wrong, email: composed));
    }

    [Fact]
    public async Task Check_ManyNamesFromOneNetwork_OnlyThatNetworkWaits()
    {
        const string network = "2001:db8:7:7:";
        for (var i = 0; i < new StaffOptions().FailedSignInsPerAddress; i++)
        {
            Assert.Null(await WaitAsync(Wrong, email: $"p{i}@vigia.test", address: $"{network}:{i + 1:x}"));
        }

        Assert.NotNull(await WaitAsync(CoreHost.AdminPassword, address: $"{network}ffff::1"));
        Assert.Null(await WaitAsync(CoreHost.AdminPassword, address: "2001:db8:7:8::1"));
    }

    [Fact]
    public async Task Check_TwentyWrongAtOnce_FiveAreCheckedAndOneRecordWritten()
    {
        var waits = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => WaitAsync(Wrong)));

        Assert.Equal(Free, waits.Count(wait => wait is null));
        Assert.Equal(1, await RecordsAsync(SignInLockout.Action));
    }

    [Fact]
    public async Task Check_LastFreeTry_NotifiesAdministrators()
    {
        var (_, before) = await Host.Get<SignInLockout>().ListSinceAsync(Host.Admin, null, Cancellation);
        for (var i = 0; i < Free; i++)
        {
            await CheckAsync(Wrong);
        }

        var told = Assert.Single(
            (await Host.Get<SignInLockout>().ListSinceAsync(Host.Admin, before, Cancellation)).Lockouts);
        Assert.Equal("192.0.2.7", told.Address);
        Assert.Contains("Ana Administradora", told.After, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_RightPasswordInTime_ForgetsThatPersonsTriesOnly()
    {
        for (var i = 0; i < Free - 1; i++)
        {
            await CheckAsync(Wrong);
            await CheckAsync(Wrong, email: "saul@vigia.test");
        }

        Assert.Equal(CredentialOutcome.Accepted, (await CheckAsync(CoreHost.AdminPassword)).Outcome);
        Assert.Null(await WaitAsync(Wrong));
        Assert.Null(await WaitAsync(Wrong, email: "saul@vigia.test"));
        Assert.NotNull(await WaitAsync(Wrong, email: "saul@vigia.test"));
    }

    [Fact]
    public async Task Check_AsTimePasses_TriesAreForgottenOneByOne()
    {
        for (var i = 0; i < Free; i++)
        {
            await CheckAsync(Wrong);
        }

        Time.Advance(TimeSpan.FromMinutes(45));
        for (var i = 0; i < 3; i++)
        {
            Assert.Null(await WaitAsync(Wrong));
        }

        Assert.NotNull(await WaitAsync(Wrong));
    }

    [Fact]
    public async Task Check_StrangersTryTheName_KnownBrowserStillWorks()
    {
        var device = Guid.NewGuid();
        for (var i = 0; i < Free; i++)
        {
            await CheckAsync(Wrong);
        }

        Assert.NotNull(await WaitAsync(CoreHost.AdminPassword));
        Assert.Equal(
            CredentialOutcome.Accepted, (await CheckAsync(CoreHost.AdminPassword, device: device)).Outcome);
        for (var i = 0; i < Free; i++)
        {
            Assert.Null(await WaitAsync(Wrong, device: device));
        }

        Assert.NotNull(await WaitAsync(CoreHost.AdminPassword, device: device));
    }

    [Fact]
    public async Task Check_RightPasswordAndWrongCodes_AreCounted()
    {
        await EnableAsync();
        for (var i = 0; i < Free; i++)
        {
            await using var scope = Host.Services.CreateAsyncScope();
            var credentials = scope.ServiceProvider.GetRequiredService<StaffCredentials>();
            Assert.Equal(CredentialOutcome.SecondFactorNeeded, (await credentials.CheckPasswordAsync(
                Email, CoreHost.AdminPassword, new SignInOrigin("192.0.2.7", null), Cancellation)).Outcome);
            Assert.Equal(CredentialOutcome.SecondFactorWrong,
                (await CheckAsync(CoreHost.AdminPassword, "000000")).Outcome);
        }

        Assert.NotNull(await WaitAsync(CoreHost.AdminPassword, "000000"));
    }

    [Fact]
    public async Task CheckCode_WrongCodesAfterAPassword_ProviderSignInStillWorks()
    {
        await EnableAsync();
        var ana = await AnaAsync();
        for (var i = 0; i < Free; i++)
        {
            Assert.Equal(CredentialOutcome.SecondFactorWrong, await CodeAsync(ana, SignInMethods.Password));
        }

        await Assert.ThrowsAsync<TooManyTriesException>(() => CodeAsync(ana, SignInMethods.Password));
        Assert.Equal(CredentialOutcome.SecondFactorWrong, await CodeAsync(ana, SignInMethods.Oidc));
    }

    // An office's people share a source.
    [Fact]
    public async Task CheckCode_SourceWithTooManyPasswordTries_DoesNotWait()
    {
        await EnableAsync();
        var ana = await AnaAsync();
        for (var i = 0; i < new StaffOptions().FailedSignInsPerAddress; i++)
        {
            Assert.Null(await WaitAsync(Wrong, email: $"p{i}@vigia.test"));
        }

        Assert.NotNull(await WaitAsync(CoreHost.AdminPassword));
        Assert.Equal(CredentialOutcome.SecondFactorWrong, await CodeAsync(ana, SignInMethods.Oidc));
        Assert.Equal(CredentialOutcome.SecondFactorWrong, await CodeAsync(ana, SignInMethods.Password));
    }

    // A program with an old password, behind the address of an office.
    [Fact]
    public async Task Check_IgnoredTries_DoNotCountForTheSource()
    {
        for (var i = 0; i < new StaffOptions().FailedSignInsPerAddress + 10; i++)
        {
            Assert.Equal(i < Free, await WaitAsync(Wrong) is null);
        }

        Assert.Null(await WaitAsync(Wrong, email: "saul@vigia.test"));
    }

    // The same the other way round: a source that has to wait makes no new rows and counts for nobody's account.
    [Fact]
    public async Task Check_FromASourceThatHasToWait_CountsForNoAccount()
    {
        for (var i = 0; i < new StaffOptions().FailedSignInsPerAddress; i++)
        {
            Assert.Null(await WaitAsync(Wrong, email: $"p{i}@vigia.test"));
        }

        var rows = await TriesAsync();
        for (var i = 0; i < Free; i++)
        {
            Assert.NotNull(await WaitAsync(Wrong));
        }

        Assert.Equal(rows, await TriesAsync());
        Assert.Null(await WaitAsync(Wrong, address: "192.0.2.8"));
    }

    // The minutes that are over count, though none of the pauses is as long as what forgets a try.
    [Fact]
    public async Task Check_TriesInShortOrLongPauses_AreForgottenAlike()
    {
        for (var i = 0; i < Free - 1; i++)
        {
            await CheckAsync(Wrong);
        }

        for (var i = 0; i < 3; i++)
        {
            Time.Advance(TimeSpan.FromMinutes(14));
            Assert.Null(await WaitAsync(Wrong));
        }

        // Seven tries, two of which are forgotten after 42 minutes.
        Assert.Equal(60, (await WaitAsync(Wrong))!.Value.TotalSeconds, tolerance: 0.01);
    }

    [Fact]
    public async Task Check_RightPasswordsOfAProgram_LetTheSourceForget()
    {
        for (var i = 0; i < new StaffOptions().FailedSignInsPerAddress - 1; i++)
        {
            Assert.Null(await WaitAsync(Wrong, email: $"p{i}@vigia.test"));
        }

        // Five minutes forget one try, and the program comes every four.
        for (var i = 0; i < 5; i++)
        {
            Time.Advance(TimeSpan.FromMinutes(4));
            Assert.Equal(CredentialOutcome.Accepted, (await CheckAsync(CoreHost.AdminPassword)).Outcome);
        }

        for (var i = 0; i < Free; i++)
        {
            Assert.Null(await WaitAsync(Wrong, email: $"q{i}@vigia.test"));
        }

        Assert.NotNull(await WaitAsync(Wrong, email: "q@vigia.test"));
    }

    [Fact]
    public async Task Demand_StrangersTryTheName_SigningStillWorks()
    {
        for (var i = 0; i < Free; i++)
        {
            await CheckAsync(Wrong);
        }

        var here = Host.Admin with { SignInId = Guid.NewGuid() };
        var there = Host.Admin with { SignInId = Guid.NewGuid() };
        for (var i = 0; i < Free; i++)
        {
            Assert.Equal("password_wrong", (await Assert.ThrowsAsync<RuleException>(
                () => ProveAsync(here, Wrong))).Reason.Code);
        }

        await Assert.ThrowsAsync<TooManyTriesException>(() => ProveAsync(here, CoreHost.AdminPassword));
        Assert.Equal(SignInMethods.Password, await ProveAsync(there, CoreHost.AdminPassword));
    }

    [Fact]
    public async Task Tries_StoreHashedNames_AndAreRemovedAfterAWeek()
    {
        await CheckAsync(Wrong, email: "my-password-in-the-wrong-field");
        await using var db = await Host.OpenMasterAsync();
        var keys = await db.Set<SignInTry>().Select(t => t.Key).ToListAsync(Cancellation);
        Assert.Equal(2, keys.Count);
        Assert.All(keys, key => Assert.Equal(32, key.Length));
        Time.Advance(TimeSpan.FromDays(8));

        foreach (var pruning in Host.Services.GetServices<HistoryPruning>())
        {
            await pruning.RunAsync(db, Time.GetUtcNow(), 5_000, Cancellation);
        }

        Assert.False(await db.Set<SignInTry>().AnyAsync(Cancellation));
    }

    private Task<long> TriesAsync() =>
        Host.ScalarAsync<long>(Host.Master.Database, "SELECT count(*) FROM portal.sign_in_tries");

    private async Task<CredentialOutcome> CodeAsync(StaffMember member, string first)
    {
        await using var scope = Host.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<StaffCredentials>().CheckCodeAsync(
            member, first, "000000", new SignInOrigin("192.0.2.7", null), Cancellation)).Outcome;
    }

    private Task<string> ProveAsync(Vigia.Core.Foundation.Access.Actor actor, string password) =>
        Host.Get<Reauthentication>().DemandAsync(
            actor, new SignedAction(SignedAction.TokenCreate, ""), password, Cancellation);
}
