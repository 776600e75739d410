using Microsoft.EntityFrameworkCore;
using Vigia.Core;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Team;
using Vigia.Core.Startup;

namespace Vigia.Portal.Startup;

/// <summary>
/// <c>make-administrator</c> and <c>recover-administrator</c>. On the pages these actions need two administrators. A
/// person with access to the server's console can run them alone. They are recorded, and every administrator is
/// notified (docs/operate.md).
/// </summary>
internal static class AdministratorCommands
{
    /// <exception cref="StartupException">
    /// The settings are wrong, the master can't be reached or is not a master of this version, or a rule refuses the
    /// command.
    /// </exception>
    internal static async Task RunAsync(
        string[] args, IConfiguration configuration, CancellationToken cancellationToken)
    {
        if (args is not [var command, var email, ..] || email.StartsWith('-'))
        {
            throw new StartupException(
                $"{args[0]} needs the e-mail of a person: Vigia.Portal {args[0]} ana@example.com");
        }

        var fullName = args is [_, _, var name, ..] && !name.StartsWith('-') ? name : null;
        var settings = StartupSettings.Read(configuration);
        if (!settings.NeedsPrivateCluster)
        {
            await ActAsync(command, email, fullName, settings, configuration, cancellationToken);
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            throw new StartupException(
                $"{command} works on the master that MASTER_DATABASE_URL names, and that is not set.");
        }

        await using var cluster = await PrivateCluster.StartAsync(settings, cancellationToken);
        await ActAsync(command, email, fullName, cluster.Settings, configuration, cancellationToken);
    }

    private static async Task ActAsync(
        string command, string email, string? fullName, VigiaSettings settings, IConfiguration configuration,
        CancellationToken cancellationToken)
    {
        // Hosted services are not started: no worker claims operations, and the portal's own process sends the mail.
        await using var services = new ServiceCollection().AddLogging()
            .AddVigiaCore(settings with { Roles = InstanceRoles.Staff })
            .Configure<MailOptions>(configuration.GetSection(MailOptions.Section)).BuildServiceProvider();
        try
        {
            await DemandReadyAsync(services, cancellationToken);
            var administrators = services.GetRequiredService<ConsoleAdministrators>();
            var console = $"Consola del servidor ({Environment.UserName})";
            var link = command == ConsoleAdministrators.MakeCommand
                ? await administrators.MakeAsync(email, fullName, console, cancellationToken)
                : await administrators.RecoverAsync(email, console, cancellationToken);
            await Console.Out.WriteLineAsync(command == ConsoleAdministrators.MakeCommand
                ? $"{email} is an administrator now. It is recorded, and every administrator is told."
                : $"The second factor, sessions and API tokens of {email} are gone. "
                    + "It is recorded, and every administrator is told.");
            await Console.Out.WriteLineAsync(link is null
                ? "They sign in with the password they have."
                : $"\nThis link sets their password (works once, until {link.ExpiresAt.UtcDateTime:yyyy-MM-dd HH:mm} "
                    + "UTC; it is not shown again):\n"
                    + $"{Address(settings, configuration)}{StaffLinks.Path}?token={link.Token}");
        }
        catch (InvalidInputException e)
        {
            throw new StartupException(
                string.Join('\n', e.Errors.Select(error => $"{error.Key}: {error.Value[0].Render()}")));
        }
        catch (RuleException e)
        {
            throw new StartupException(
                string.Join('\n', new[] { e.Message, e.Reason.RenderAdvice() }.Where(line => line is not null)));
        }
        catch (Exception e) when (MasterDatabase.TryExplain(e, settings.MasterDatabase, out var explained))
        {
            throw explained;
        }
    }

    // Prevents an accidental change on a copied master. This is the same check as at the start, but it does not migrate
    // the master to this version.
    private static async Task DemandReadyAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        await using (var db = await services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(cancellationToken))
        {
            if ((await db.Database.GetPendingMigrationsAsync(cancellationToken)).Any())
            {
                throw new StartupException(
                    "The master database is not of this version yet.\n"
                    + "Start the portal once: it brings the master up to date.");
            }
        }

        await services.GetRequiredService<MasterIdentification>().IdentifyAsync(cancellationToken);
        await services.GetRequiredService<WrappedKeys>().DemandOpenAsync(cancellationToken);
    }

    private static string Address(VigiaSettings settings, IConfiguration configuration) =>
        (settings.PortalBaseUrl?.ToString() ?? configuration["urls"]?.Split(';')[0]
            ?? configuration["ASPNETCORE_URLS"]?.Split(';')[0] ?? "http://127.0.0.1:5080").TrimEnd('/');
}
