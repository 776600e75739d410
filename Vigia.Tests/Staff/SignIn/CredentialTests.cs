using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.SignIn;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Staff.SignIn;

/// <summary>
/// E-mail, password and code: which combinations sign in, which do not, and what an outsider can learn from the
/// difference.
/// </summary>
public sealed class CredentialTests(PostgresServer server) : SignInTestBase(server)
{
    private const string Wrong = "No-es-la-de-ana-7";

    [Fact]
    public async Task Check_RightPassword_IsAccepted()
    {
        var check = await CheckAsync(CoreHost.AdminPassword);

        Assert.Equal((CredentialOutcome.Accepted, "password"), (check.Outcome, check.Method));
    }

    // The duration of an answer depends on the hash. Each of these cases verifies exactly one.
    [Theory]
    [InlineData("wrong")]
    [InlineData("unknown")]
    [InlineData("disabled")]
    [InlineData("over")]
    [InlineData("invited")]
    public async Task Check_EveryRefusal_VerifiesOneHashAndGivesOneAnswer(string why)
    {
        await ChangeAsync(ana =>
        {
            ana.DisabledAt = why == "disabled" ? Time.GetUtcNow() : null;
            ana.AccessEndsAt = why == "over" ? Time.GetUtcNow() : null;
            ana.PasswordHash = why == "invited" ? null : ana.PasswordHash;
        });
        var before = Hasher.Verified;

        var check = await CheckAsync(
            why == "wrong" ? Wrong : CoreHost.AdminPassword,
            email: why == "unknown" ? "nadie@vigia.test" : Email);

        Assert.Equal(CredentialOutcome.Refused, check.Outcome);
        Assert.Equal(1, Hasher.Verified - before);
    }

    [Fact]
    public async Task Check_WithAuthenticator_AcceptsEachCodeOnce()
    {
        var (secret, _) = await EnableAsync();
        Time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(CredentialOutcome.SecondFactorNeeded, (await CheckAsync(CoreHost.AdminPassword)).Outcome);
        Assert.Equal(CredentialOutcome.Refused, (await CheckAsync(Wrong, Digits(secret))).Outcome);
        var check = await CheckAsync(CoreHost.AdminPassword, Digits(secret));
        Assert.Equal((CredentialOutcome.Accepted, "password+totp"), (check.Outcome, check.Method));
        Assert.Equal(CredentialOutcome.SecondFactorWrong,
            (await CheckAsync(CoreHost.AdminPassword, Digits(secret))).Outcome);
        Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(CredentialOutcome.Accepted,
            (await CheckAsync(CoreHost.AdminPassword, Digits(secret).Insert(3, " "))).Outcome);
    }

    [Fact]
    public async Task Check_SameCodeTwiceAtOnce_IsAcceptedOnce()
    {
        var (secret, codes) = await EnableAsync();
        Time.Advance(TimeSpan.FromSeconds(30));

        foreach (var code in new[] { Digits(secret), codes[3] })
        {
            var checks = await Task.WhenAll(
                Enumerable.Range(0, 4).Select(_ => CheckAsync(CoreHost.AdminPassword, code)));
            Assert.Single(checks, check => check.IsAccepted);

            // The refused ones may have been counted after the accepted one, and too many are refused unseen.
            Time.Advance(TimeSpan.FromDays(1));
        }
    }

    [Fact]
    public async Task Check_RecoveryCodeInAnyForm_WorksOnce()
    {
        var (_, codes) = await EnableAsync();

        var check = await CheckAsync(CoreHost.AdminPassword, codes[0].ToUpperInvariant().Replace('-', ' '));

        Assert.Equal((CredentialOutcome.Accepted, "password+recovery_code"), (check.Outcome, check.Method));
        Assert.Equal(CredentialOutcome.SecondFactorWrong, (await CheckAsync(CoreHost.AdminPassword, codes[0])).Outcome);
        Assert.Equal(9, (await Host.Get<OwnSecondFactor>().ReadAsync(Host.Admin, Cancellation)).CodesLeft);
    }

    [Theory]
    [InlineData(SecondFactorDemand.None, false)]
    [InlineData(SecondFactorDemand.Administrators, true)]
    [InlineData(SecondFactorDemand.Everyone, true)]
    public async Task Check_RequiredSecondFactorMissing_IsNotAccepted(SecondFactorDemand demand, bool missing)
    {
        Demand = demand;

        Assert.Equal(missing ? CredentialOutcome.SecondFactorMissing : CredentialOutcome.Accepted,
            (await CheckAsync(CoreHost.AdminPassword)).Outcome);
        Assert.Equal(
            demand == SecondFactorDemand.Everyone ? CredentialOutcome.SecondFactorMissing : CredentialOutcome.Accepted,
            (await CheckAsync(CoreHost.AdminPassword, email: "saul@vigia.test")).Outcome);
    }

    [Fact]
    public async Task Enable_SecretAndCodes_AreNotStoredInClear()
    {
        var (secret, codes) = await EnableAsync();

        await using var db = await Host.OpenMasterAsync();
        var stored = string.Join(
            '\n', await db.UserTokens.Select(t => t.Name + " " + t.Value).ToListAsync(Cancellation))
            + string.Join('\n', await db.Set<AuditEvent>().Select(e => e.Body).ToListAsync(Cancellation));
        Assert.DoesNotContain(Convert.ToBase64String(secret), stored, StringComparison.Ordinal);
        Assert.DoesNotContain(
            Totp.Text(secret).Replace(" ", "", StringComparison.Ordinal), stored, StringComparison.OrdinalIgnoreCase);
        Assert.All(codes, code =>
            Assert.DoesNotContain(
            code.Replace("-", "", StringComparison.Ordinal), stored.Replace("-", "", StringComparison.Ordinal),
            StringComparison.OrdinalIgnoreCase));
        Assert.Equal(10, codes.Distinct().Count());
    }

    [Fact]
    public async Task Enable_WrongDigitsOrPassword_LeavesItOff()
    {
        var secret = Totp.NewSecret();
        var second = Host.Get<OwnSecondFactor>();

        await Assert.ThrowsAsync<InvalidInputException>(
            () => second.EnableAsync(Host.Admin, secret, "000000", CoreHost.AdminPassword, Cancellation));
        var refused = await Assert.ThrowsAsync<RuleException>(
            () => second.EnableAsync(Host.Admin, secret, Digits(secret), Wrong, Cancellation));

        Assert.Equal("password_wrong", refused.Reason.Code);
        Assert.False((await AnaAsync()).TwoFactorEnabled);
    }

    [Fact]
    public async Task NewCodes_OldOnesStopWorking()
    {
        var (_, old) = await EnableAsync();
        var second = Host.Get<OwnSecondFactor>();

        var codes = await second.NewCodesAsync(Host.Admin, CoreHost.AdminPassword, Cancellation);
        Assert.Equal(CredentialOutcome.SecondFactorWrong, (await CheckAsync(CoreHost.AdminPassword, old[0])).Outcome);
        Assert.Equal(CredentialOutcome.Accepted, (await CheckAsync(CoreHost.AdminPassword, codes[0])).Outcome);
        await second.DisableAsync(Host.Admin, CoreHost.AdminPassword, Cancellation);

        Assert.Equal("password", (await CheckAsync(CoreHost.AdminPassword)).Method);
        await using var db = await Host.OpenMasterAsync();
        Assert.Empty(await db.UserTokens.ToListAsync(Cancellation));
        foreach (var action in new[] { "staff.second_factor_enabled", "staff.recovery_codes_made",
            "staff.second_factor_disabled" })
        {
            Assert.Equal(1, await RecordsAsync(action));
        }
    }

    [Fact]
    public async Task Disable_RequiredSecondFactor_IsRefused()
    {
        await EnableAsync();
        Host.Get<IOptions<StaffOptions>>().Value.RequireSecondFactor = SecondFactorDemand.Administrators;

        var refused = await Assert.ThrowsAsync<RuleException>(
            () => Host.Get<OwnSecondFactor>().DisableAsync(Host.Admin, CoreHost.AdminPassword, Cancellation));

        Assert.Equal("second_factor_demanded", refused.Reason.Code);
    }
}
