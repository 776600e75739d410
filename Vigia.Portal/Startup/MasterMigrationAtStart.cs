using Microsoft.AspNetCore.DataProtection;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Startup;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Startup;

/// <summary>Migrates the master database to this build before the portal accepts its first request.</summary>
internal static class MasterMigrationAtStart
{
    /// <exception cref="StartupException">
    /// The master is missing, can't be reached, or belongs to a newer build.
    /// </exception>
    internal static async Task PrepareMasterAsync(this WebApplication app)
    {
        var settings = app.Services.GetRequiredService<VigiaSettings>();
        var notices = app.Services.GetRequiredService<PortalNotices>();
        if (!OperatingSystem.IsWindows() && app.Services.GetService<PrivateCluster>() is not null)
        {
            notices.Add(PortalNotices.PrivateCluster, severe: false);
        }

        try
        {
            await app.Services.GetRequiredService<MasterChecks>()
                .DemandBeforeMigrationAsync(app.Lifetime.ApplicationStopping);
            await app.Services.GetRequiredService<MasterStartup>().RunAsync(app.Lifetime.ApplicationStopping);
            await using (var scope = app.Services.CreateAsyncScope())
            {
                await scope.ServiceProvider.GetRequiredService<ServerPreparation>()
                    .LogOpeningsAsync(app.Lifetime.ApplicationStopping);
            }

            await app.Services.GetRequiredService<WrappedKeys>().DemandOpenAsync(app.Lifetime.ApplicationStopping);

            // Read now: the page that says that the master is away protects its own forms with these keys.
            app.Services.GetDataProtector(nameof(MasterMigrationAtStart)).Protect([]);
            await app.Services.GetRequiredService<SafetySettings>().RecordAsync(app.Lifetime.ApplicationStopping);
            if (app.Services.GetRequiredService<MasterIdentity>().ReadOnly is not null)
            {
                notices.Add(PortalNotices.ReadOnly, severe: true);
            }
        }
        catch (Exception e) when (MasterDatabase.TryExplain(e, settings.MasterDatabase, out var explained))
        {
            throw explained;
        }
        catch (RuleException e)
        {
            throw new StartupException(
                string.Join('\n', new[] { e.Message, e.Reason.RenderAdvice() }.Where(line => line is not null)));
        }
    }
}
