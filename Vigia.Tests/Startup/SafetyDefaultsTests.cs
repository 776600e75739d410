using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Vigia.Core.Staff.Approvals;
using Vigia.Portal;
using Vigia.Tests.Api;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Startup;

/// <summary>What holds on a configured master when no setting says otherwise.</summary>
public sealed class SafetyDefaultsTests(SafetyDefaultsTests.Host host) : IClassFixture<SafetyDefaultsTests.Host>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Administrator_WithAPasswordAlone_HasToSetUpASecondFactor_AndGetsNoToken()
    {
        using var visitor = PostedSignIn.Visitor(host);

        using var answer = await PostedSignIn.PostAsync(
            visitor, PortalHost.AdministratorEmail, PortalHost.AdministratorPassword, null, Cancellation);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Contains(PortalUrls.SignInSecondFactor, $"{answer.Headers.Location}", StringComparison.Ordinal);
        using var nobody = new ApiCalls(host.Address, null);
        (await nobody.PostAsync(
            "auth/token",
            new { email = PortalHost.AdministratorEmail, password = PortalHost.AdministratorPassword }))
            .ExpectProblem(401, "credentials_wrong");
    }

    [Fact]
    public void HardDelete_NeedsASecondPerson() =>
        Assert.True(host.Services.GetRequiredService<IOptions<ApprovalOptions>>().Value.HardDelete);

    public sealed class Host(PostgresServer server) : PortalHost(server)
    {
        protected override bool HasSafetyDefaults => true;
    }
}
