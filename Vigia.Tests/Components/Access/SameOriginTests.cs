using System.Net;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Portal;
using Vigia.Portal.Components.Access;
using Vigia.Tests.Api;
using Vigia.Tests.Browser;

namespace Vigia.Tests.Components.Access;

/// <summary>No other site can make a person's browser write a record.</summary>
public sealed class SameOriginTests(PortalHost host) : IClassFixture<PortalHost>
{
    private static readonly string[] Writing =
    [
        PortalUrls.AuditExport("csv"), PortalUrls.AuditExport("jsonl"), PortalUrls.AuditPrint, PortalUrls.TenantsExport,
        $"{PortalUrls.TeamRightsFile}?fecha=2026-01-01T10:00",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Export_RequestedByAnotherSite_IsRefusedWithoutARecord()
    {
        using var browser = await SignedInAsync();
        var own = $"http://{host.Address.Authority}";
        foreach (var address in Writing)
        {
            var before = await RecordsAsync();
            foreach (var (name, value) in new[]
            {
                ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"),
                ("Referer", "https://evil.example/"), ("Referer", $"{own}.evil.example/"), ("X-Nothing", "x"),
            })
            {
                using var refused = await browser.GetAsync(address, (name, value));
                Assert.True(refused.StatusCode == HttpStatusCode.Forbidden, $"{address} with {name}: {value}");
            }

            Assert.Equal(before, await RecordsAsync());
            foreach (var (name, value) in new[] { ("Sec-Fetch-Site", "same-origin"), ("Referer", $"{own}/auditoria") })
            {
                using var given = await browser.GetAsync(address, (name, value));
                Assert.Equal(HttpStatusCode.OK, given.StatusCode);
                await given.Content.ReadAsStringAsync(Cancellation);
            }

            Assert.Equal(before + 2, await RecordsAsync());
        }
    }

    [Fact]
    public void Addresses_ThatExportOrPrint_AreSameOriginOnly()
    {
        var marked = host.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>().Where(e => e.Metadata.GetMetadata<SameOriginOnlyAttribute>() is not null)
            .Select(e => "/" + e.RoutePattern.RawText!.Trim('/')).Distinct().Order(StringComparer.Ordinal);

        Assert.Equal(
            new[]
            {
                PortalUrls.AuditExport("{format}"), PortalUrls.AuditPrint, PortalUrls.TenantsExport,
                PortalUrls.TeamRightsFile,
            }.Order(StringComparer.Ordinal), marked);
    }

    private async Task<BrowserSession> SignedInAsync()
    {
        var browser = new BrowserSession(host);
        await browser.SignInAsync(PortalHost.AdministratorEmail, PortalHost.AdministratorPassword);
        return browser;
    }

    private async Task<int> RecordsAsync()
    {
        await using var db = await host.Services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(Cancellation);
        return await db.Set<AuditEvent>().CountAsync(Cancellation);
    }
}
