using Npgsql;
using Vigia.Core.Configuration;
using Vigia.Core.Databases;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Postgres;
using Vigia.Core.Secrets;
using Vigia.Portal.Components.Layout;

namespace Vigia.Portal.Startup;

/// <summary>Brings the master database up to this build before the portal takes its first request.</summary>
internal static class MasterPreparation
{
    /// <exception cref="StartupException">It is missing, can't be reached, or belongs to a newer build.</exception>
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
            await app.Services.GetRequiredService<MasterStartup>().RunAsync(app.Lifetime.ApplicationStopping);
            await app.Services.GetRequiredService<ServerPreparation>().TellAsync(app.Lifetime.ApplicationStopping);
            await app.Services.GetRequiredService<WrappedKeys>().DemandOpenAsync(app.Lifetime.ApplicationStopping);
            if (app.Services.GetRequiredService<MasterIdentity>().ReadOnly is not null)
            {
                notices.Add(PortalNotices.ReadOnly, severe: true);
            }
        }
        catch (NpgsqlException e)
        {
            throw MasterDatabase.Explain(e, settings.MasterDatabase);
        }
        catch (RuleException e)
        {
            throw new StartupException(string.Join('\n', new[] { e.Message, e.Reason.RenderAdvice() }.Where(line => line is not null)));
        }
    }
}
