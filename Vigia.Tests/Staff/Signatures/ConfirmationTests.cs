using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Staff.SignIn;

namespace Vigia.Tests.Staff.Signatures;

/// <summary>A confirmation is valid for one person, one action and one target, once and for some minutes.</summary>
public sealed class ConfirmationTests(PostgresServer server) : SignInTestBase(server)
{
    private static readonly SignedAction What = new(SignedAction.TenantDelete, "7");

    [Fact]
    public async Task Demand_Confirmation_SaysHowItWasGiven()
    {
        Assert.Equal("passkey", await DemandAsync(Host.Admin, What, await IssueAsync()));
        Assert.Equal("password", await DemandAsync(Host.Admin, What, CoreHost.AdminPassword));
    }

    [Fact]
    public async Task Demand_AnythingElseThanItWasGivenFor_IsRefused()
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
    public async Task Demand_TheSameOneManyTimesAtOnce_IsTakenOnce()
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

    private Task<string> IssueAsync() =>
        Host.Get<Confirmations>().IssueAsync(Host.Admin.StaffId!.Value, What, SignInMethods.Passkey, Cancellation);

    private Task<string> DemandAsync(Actor actor, SignedAction what, string proof) =>
        Host.Get<Reauthentication>().DemandAsync(actor, what, proof, Cancellation);

    private async Task StaleAsync(Actor actor, SignedAction what, string proof) =>
        Assert.Equal("confirmation_stale",
            (await Assert.ThrowsAsync<RuleException>(() => DemandAsync(actor, what, proof))).Reason.Code);
}
