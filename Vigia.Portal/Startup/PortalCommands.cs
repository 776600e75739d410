using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;
using Vigia.Core.Staff.Team;

namespace Vigia.Portal.Startup;

/// <summary>The commands of the program other than running the portal.</summary>
internal static class PortalCommands
{
    /// <summary>EX_USAGE of sysexits.h.</summary>
    internal const int UsageExitCode = 64;

    private const string IfMissing = "--if-missing";

    private const string Usage = """
        Vigia Portal: administration of the tenants of VIGIA, one PostgreSQL database each.

          Vigia.Portal                  runs the portal (http://127.0.0.1:5080 unless ASPNETCORE_URLS says otherwise)
          Vigia.Portal create-role      makes the role of MASTER_DATABASE_URL, or gives it its password and rights
                                        again, as the superuser of VIGIA_SUPERUSER_URL; closes postgres and template1
          Vigia.Portal create-master    makes the empty database that MASTER_DATABASE_URL names;
                                        with --if-missing one that is there already is no error
          Vigia.Portal prepare-server   shows which databases of the server let everybody in, and the statements that
                                        close them; runs them with --yes, as the superuser of VIGIA_SUPERUSER_URL
          Vigia.Portal adopt DATABASE   shows what an adoption of a database that the portal did not create would do;
                                        with --as EMAIL --backup TEXT [--product-keeps-owner] it is adopted, and
                                        --ruc, --razon-social, --subdominio, --correo, --plan (and --entorno) register
                                        the tenant of a database that no tenant has; the password comes on standard
                                        input
          Vigia.Portal rewrap-keys      after PORTAL_SECRET_KEY (or SECRET_KEY, where that is not set) was changed:
                                        wraps the keys in the master, which the one in …_PREVIOUS still opens, with
                                        the new one
          Vigia.Portal begin-audit-chain --reason TEXT [--head "SEQ HASH"]
                                        begins a new chain of audit records with keys of its own, after the present
                                        one was found tampered with or its keys may be known to others;
                                        docs/operate.md says when
          Vigia.Portal make-administrator EMAIL [NAME]
                                        makes that person an administrator without a second one; recorded and told to
                                        every administrator; prints a one-time link for a person without a password
          Vigia.Portal recover-administrator EMAIL
                                        for an administrator who lost everything: takes away their second factor, ends
                                        their sessions and prints a one-time link; recorded and notified likewise
          Vigia.Portal health           exit code 0 when the portal on this machine is ready, else 1
          Vigia.Portal --help           this text

        Settings come from the environment, .env and appsettings.json; without MASTER_DATABASE_URL the portal
        runs a PostgreSQL of its own under VIGIA_DATA_DIR (default .vigia). The README lists them all.
        """;

    /// <summary>Runs the command that the arguments name, if there is one.</summary>
    /// <returns>The exit code. Null when the portal is to run.</returns>
    internal static async Task<int?> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        // An argument with a dash or an equals sign is configuration (--urls=…), as hosts and tests pass it.
        var command = args is [var first, ..]
            && (first is "--help" or "-h"
            || (first[..1] is not ("-" or "/") && !first.Contains('=', StringComparison.Ordinal))) ? first : null;
        switch (command)
        {
            case null:
                return null;
            case "--help" or "-h" or "help":
                await Console.Out.WriteLineAsync(Usage);
                return 0;
            case "health":
                return await HealthProbe.RunAsync(Configuration(args), cancellationToken);
            case CreateRoleCommand.Name:
                await CreateRoleCommand.RunAsync(Configuration(args), Console.Out, cancellationToken);
                return 0;
            case "create-master":
                await CreateMasterAsync(args, cancellationToken);
                return 0;
            case "prepare-server":
                await PrepareServerCommand.RunAsync(
                    Configuration([.. args.Where(arg => arg != PrepareServerCommand.Consent)]),
                    args.Contains(PrepareServerCommand.Consent), Console.Out, cancellationToken);
                return 0;
            case AdoptCommand.Name:
                await AdoptCommand.RunAsync(args, Configuration, Console.In, Console.Out, cancellationToken);
                return 0;
            case "rewrap-keys":
                await RewrapCommand.RunAsync(Configuration(args), cancellationToken);
                return 0;
            case "begin-audit-chain":
                await BeginAuditChainCommand.RunAsync(args, Configuration, cancellationToken);
                return 0;
            case ConsoleAdministrators.MakeCommand or ConsoleAdministrators.RecoverCommand:
                await AdministratorCommands.RunAsync(args, Configuration(args), cancellationToken);
                return 0;
            default:
                await Console.Error.WriteLineAsync($"There is no command \"{command}\".\n\n{Usage}");
                return UsageExitCode;
        }
    }

    private static async Task CreateMasterAsync(string[] args, CancellationToken cancellationToken)
    {
        var settings = StartupSettings.Read(Configuration([.. args.Where(arg => arg != IfMissing)]));
        if (settings.NeedsPrivateCluster)
            throw new StartupException(
                "create-master makes the database that MASTER_DATABASE_URL names, and that is not set.\n"
                + "Without it the portal runs a PostgreSQL of its own and makes its master there.");
        var made = await MasterDatabase.CreateAsync(
            settings.MasterDatabase, args.Contains(IfMissing), cancellationToken);
        await Console.Out.WriteLineAsync(made
            ? $"Made {settings.MasterDatabase.Masked}. Start the portal: it fills the database."
            : $"{settings.MasterDatabase.Masked} is there already; nothing was done.");
    }

    private static ConfigurationManager Configuration(string[] args)
    {
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddDotEnv(Environment.CurrentDirectory);
        builder.Configuration.AddSecretFiles();
        return builder.Configuration;
    }
}
