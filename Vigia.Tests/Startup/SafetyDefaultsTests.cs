using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Startup;
using Vigia.Portal;
using Vigia.Tests.Api;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Startup;

/// <summary>The defaults of protections on a configured master.</summary>
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
    public void Defaults_HardDelete_NeedsASecondPerson() =>
        Assert.True(host.Services.GetRequiredService<IOptions<ApprovalOptions>>().Value.HardDelete);

    // The portal of the last start had no second factor, and the same proxies.
    [Fact]
    public async Task Start_SettingChangedSinceTheLastStart_IsRecorded()
    {
        await using var db = await host.Services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(Cancellation);

        var record = await db.Set<AuditEvent>().SingleAsync(e => e.Action == SafetySettings.Action, Cancellation);

        Assert.Contains("None", record.Before, StringComparison.Ordinal);
        Assert.Contains("Administrators", record.After, StringComparison.Ordinal);
        var recorded = await db.Set<RecordedSetting>().ToDictionaryAsync(s => s.Name, s => s.Value, Cancellation);
        Assert.Equal(
            ("10.0.0.0/8, 192.168.1.7", "False", "True"),
            (recorded["Proxies:Known"], recorded["Proxies:ForwardedHost"], recorded["Approvals:HardDelete"]));
    }

    public sealed class Host(PostgresServer server) : PortalHost(server)
    {
        protected override bool HasSafetyDefaults => true;

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("Proxies:Known", "10.0.0.0/8,192.168.1.7");
        }

        protected override Task PrepareAsync() => PostgresServer.ExecuteAsync(
            Master,
            """
            INSERT INTO portal.recorded_settings (name, value) VALUES
                ('Staff:RequireSecondFactor', 'None'), ('Proxies:Known', '10.0.0.0/8, 192.168.1.7')
            """, Cancellation);
    }
}
