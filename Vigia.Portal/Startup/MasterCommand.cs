using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;
using Vigia.Core.Registry;
using Vigia.Core.Registry.Audit;

namespace Vigia.Portal.Startup;

/// <summary>A command that works on the master database, including that of the private cluster.</summary>
internal static class MasterCommand
{
    /// <exception cref="StartupException">
    /// The settings are wrong, the master can't be reached, or a rule refuses the command.
    /// </exception>
    internal static async Task RunAsync(
        string name, IConfiguration configuration, Func<IServiceProvider, Task> work,
        CancellationToken cancellationToken)
    {
        var settings = StartupSettings.Read(configuration);
        if (!settings.NeedsPrivateCluster)
        {
            await WorkAsync(settings, configuration, work);
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            throw new StartupException(
                $"{name} works on the master that MASTER_DATABASE_URL names, and that is not set.");
        }

        await using var cluster = await PrivateCluster.StartAsync(settings, cancellationToken);
        await WorkAsync(cluster.Settings, configuration, work);
    }

    private static async Task WorkAsync(
        VigiaSettings settings, IConfiguration configuration, Func<IServiceProvider, Task> work)
    {
        // A new key of Data Protection would wait for a lock that the code which requests the key already holds.
        await using var services = new ServiceCollection().AddLogging().AddMaster(settings)
            .Configure<AuditOptions>(configuration.GetSection(AuditOptions.Section))
            .Configure<KeyManagementOptions>(keys => keys.AutoGenerateKeys = false).BuildServiceProvider();
        try
        {
            await work(services);
        }
        catch (RuleException e)
        {
            throw new StartupException(
                string.Join('\n', new[] { e.Message, e.Reason.RenderAdvice() }.Where(line => line is not null)));
        }
        catch (InvalidInputException e)
        {
            throw new StartupException(e.Message);
        }
        catch (Exception e) when (MasterDatabase.TryExplain(e, settings.MasterDatabase, out var explained))
        {
            throw explained;
        }
    }
}
