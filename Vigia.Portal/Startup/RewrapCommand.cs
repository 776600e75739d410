using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Npgsql;
using Vigia.Core.Configuration;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Postgres;
using Vigia.Core.Secrets;

namespace Vigia.Portal.Startup;

/// <summary><c>rewrap-keys</c>: the last step of changing SECRET_KEY (docs/operate.md).</summary>
internal static class RewrapCommand
{
    /// <exception cref="StartupException">The settings are wrong, the master can't be reached, or a key opens with neither secret.</exception>
    internal static async Task RunAsync(IConfiguration configuration, CancellationToken cancellationToken)
    {
        var settings = StartupSettings.Read(configuration);
        if (settings.NeedsPrivateCluster)
        {
            if (OperatingSystem.IsWindows())
            {
                throw new StartupException("rewrap-keys works on the master that MASTER_DATABASE_URL names, and that is not set.");
            }

            await using var cluster = await PrivateCluster.StartAsync(settings, cancellationToken);
            await RewrapAsync(cluster.Settings, cancellationToken);
            return;
        }

        await RewrapAsync(settings, cancellationToken);
    }

    private static async Task RewrapAsync(VigiaSettings settings, CancellationToken cancellationToken)
    {
        // A key made now would wait for the lock that its own maker holds.
        await using var services = new ServiceCollection().AddLogging().AddMaster(settings)
            .Configure<KeyManagementOptions>(keys => keys.AutoGenerateKeys = false).BuildServiceProvider();
        try
        {
            var done = await services.GetRequiredService<WrappedKeys>().RewrapAsync(cancellationToken);
            await Console.Out.WriteLineAsync(done.Rewrapped > 0
                ? $"{done.Rewrapped} key(s) wrapped with SECRET_KEY now, {done.AsTheyWere} were already. Restart every portal without SECRET_KEY_PREVIOUS."
                : $"All {done.AsTheyWere} key(s) are wrapped with SECRET_KEY already; nothing was done.");
        }
        catch (RuleException e)
        {
            throw new StartupException($"{e.Message}\n{e.Reason.RenderAdvice()}");
        }
        catch (NpgsqlException e)
        {
            throw MasterDatabase.Explain(e, settings.MasterDatabase);
        }
    }
}
