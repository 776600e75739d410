using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Tests.Staff.SignIn;

/// <summary>The ways to sign in that are sufficient for each role.</summary>
public sealed class SecondFactorPolicyTests
{
    [Theory]
    [InlineData("password", false, false)]
    [InlineData("password", true, false)]
    [InlineData("password+totp", false, true)]
    [InlineData("password+recovery_code", false, true)]
    [InlineData("passkey", false, true)]
    [InlineData("oidc", false, false)]
    [InlineData("oidc", true, true)]
    [InlineData("oidc+mfa", false, true)]
    [InlineData("oidc+totp", false, true)]
    public void IsMetBy_EveryMethodAndRole_FollowsTheSettings(string method, bool providerAsksForTwo, bool met)
    {
        var policy = new SecondFactorPolicy(
            Options.Create(new StaffOptions { RequireSecondFactor = SecondFactorDemand.Administrators }),
            Options.Create(new OidcOptions { SecondFactor = providerAsksForTwo }));

        Assert.Equal(met, policy.IsMetBy(method, [StaffRoles.Administrator]));
        Assert.True(policy.IsMetBy(method, [StaffRoles.Support]));
    }
}
