using Microsoft.AspNetCore.Identity;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Tokens;
using Vigia.Core.Startup;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Staff.SignIn;

namespace Vigia.Tests.Staff.Signatures;

/// <summary>A confirmation is valid for one person, one action and one target, once and for some minutes.</summary>
public sealed class ConfirmationTests(PostgresServer server) : SignInTestBase(server)
{
    private static readonly SignedAction What = new(SignedAction.TenantDelete, "7");

    [Fact]
    public async Task Demand_ValidConfirmation_ReturnsTheMethod()
    {
        Assert.Equal("passkey", await DemandAsync(Host.Admin, What, await IssueAsync()));
        Assert.Equal("password", await DemandAsync(Host.Admin, What, CoreHost.AdminPassword));
    }

    [Fact]
    public async Task Demand_ConfirmationForAnotherAction_IsRefused()
    {
        await StaleAsync(Host.Admin, What with { Target = "8" }, await IssueAsync());
        await StaleAsync(Host.Admin, What with { Action = SignedAction.TenantPurge }, await IssueAsync());
        await StaleAsync(Host.Support, What, await IssueAsync());
        await StaleAsync(Host.Admin, What, Confirmations.Prefix + "forged");
        var late = await IssueAsync();
        Time.Advance(Confirmations.Lifetime);
        await StaleAsync(Host.Admin, What, late);
    }

    [Fact]
    public async Task Demand_SameConfirmationManyTimesAtOnce_IsAcceptedOnce()
    {
        var token = await IssueAsync();

        var taken = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            try
            {
                await DemandAsync(Host.Admin, What, token);
                return true;
            }
            catch (RuleException)
            {
                return false;
            }
        }));

        Assert.Single(taken, true);
    }

    [Fact]
    public async Task Demand_Disabled_IsRefused()
    {
        await ChangeAsync(ana => ana.DisabledAt = Time.GetUtcNow());
        Assert.Equal("password_wrong",
            (await Assert.ThrowsAsync<RuleException>(
            () => DemandAsync(Host.Admin, What, CoreHost.AdminPassword))).Reason.Code);
    }

    [Fact]
    public void OwnAccount_OtherContent_IsAnotherAction()
    {
        var (ana, saul) = (Host.Admin.StaffId!.Value, Host.Support.StaffId!.Value);
        var day = new DateOnly(2030, 1, 2);
        var token = new NewApiToken("Informes", [Rights.TenantsView, Rights.AuditView], day);
        var signed = ApiTokens.SignatureOf(ana, token);

        Assert.Equal(
            signed, ApiTokens.SignatureOf(ana, token with
            {
                Name = " Informes ",
                Rights = [Rights.AuditView, Rights.TenantsView, Rights.AuditView],
            }));
        Assert.DoesNotContain(signed, new[]
        {
            ApiTokens.SignatureOf(saul, token), ApiTokens.SignatureOf(ana, token with { Name = "Otro" }),
            ApiTokens.SignatureOf(ana, token with { Rights = ApiTokens.Grantable }),
            ApiTokens.SignatureOf(ana, token with { EndsOn = day.AddDays(300) }),
        });
        Assert.NotEqual(OwnPasskeys.RemovalOf(ana, "AQ"), OwnPasskeys.RemovalOf(ana, "Ag"));
        Assert.NotEqual(OwnPasskeys.AdditionOf(ana, "Llavero"), OwnPasskeys.AdditionOf(ana, "Otro"));
        Assert.NotEqual(OwnSecondFactor.SignatureOf(ana, [1]), OwnSecondFactor.SignatureOf(ana, [2]));
        Assert.NotEqual(
            MasterResolution.SignatureOf(true, new Message("m", "a", "b")),
            MasterResolution.SignatureOf(true, new Message("m", "a", "c")));
    }

    [Fact]
    public async Task OwnAccount_ConfirmedForSomethingElse_IsRefused()
    {
        var (id, day) = (Host.Admin.StaffId!.Value, DateOnly.FromDateTime(Time.GetUtcNow().DateTime).AddDays(3));
        var narrow = new NewApiToken("Informes", [Rights.TenantsView], day);
        await RefusedAsync(ApiTokens.SignatureOf(id, narrow), proof => Host.Get<ApiTokens>()
            .CreateAsync(Host.Admin, narrow with { Rights = ApiTokens.Grantable }, proof, Cancellation));
        var passkeys = Host.Get<OwnPasskeys>();
        await passkeys.AddAsync(Host.Admin, Passkey(1), "Llavero", CoreHost.AdminPassword, Cancellation);
        await RefusedAsync(
            OwnPasskeys.RemovalOf(id, "Ag"), proof => passkeys.RemoveAsync(Host.Admin, "AQ", proof, Cancellation));
        await RefusedAsync(
            OwnPasskeys.AdditionOf(id, "Llavero"),
            proof => passkeys.AddAsync(Host.Admin, Passkey(2), "Otro", proof, Cancellation));
        var secret = Totp.NewSecret();
        await RefusedAsync(OwnSecondFactor.SignatureOf(id, Totp.NewSecret()), proof => Host.Get<OwnSecondFactor>()
            .EnableAsync(
                Host.Admin, secret, Totp.Code(secret, Time.GetUtcNow().ToUnixTimeSeconds() / 30), proof, Cancellation));
    }

    private static UserPasskeyInfo Passkey(byte id) =>
        new([id], [2], DateTimeOffset.UtcNow, 0, null, true, false, false, [5], [6]);

    private async Task RefusedAsync(SignedAction confirmed, Func<string, Task> act)
    {
        var proof = await Host.Get<Confirmations>()
            .IssueAsync(Host.Admin.StaffId!.Value, confirmed, SignInMethods.Passkey, Cancellation);
        Assert.Equal(
            "confirmation_stale", (await Assert.ThrowsAsync<RuleException>(() => act(proof))).Reason.Code);
    }

    private Task<string> IssueAsync() =>
        Host.Get<Confirmations>().IssueAsync(Host.Admin.StaffId!.Value, What, SignInMethods.Passkey, Cancellation);

    private Task<string> DemandAsync(Actor actor, SignedAction what, string proof) =>
        Host.Get<Reauthentication>().DemandAsync(actor, what, proof, Cancellation);

    private async Task StaleAsync(Actor actor, SignedAction what, string proof) =>
        Assert.Equal("confirmation_stale",
            (await Assert.ThrowsAsync<RuleException>(() => DemandAsync(actor, what, proof))).Reason.Code);
}
