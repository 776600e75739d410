using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.SchemaUpgrades;

namespace Vigia.Tests.Browser;

/// <summary>The real portal as the next build (<see cref="NextBuild"/>): tenants of this build are behind.</summary>
public class NextPortalHost(PostgresServer server) : PortalHost(server)
{
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.ConfigureTestServices(NextBuild.Use);
    }
}
