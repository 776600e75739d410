using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;

namespace Vigia.Portal.Startup;

/// <summary>
/// <c>create-role</c>: makes the portal's own role on a new server, as the superuser of VIGIA_SUPERUSER_URL, and closes
/// the server's databases to everybody else.
/// </summary>
internal static class CreateRoleCommand
{
    internal const string Name = "create-role";

    /// <exception cref="StartupException">
    /// A setting is missing or wrong, or the server can't be reached as the superuser.
    /// </exception>
    internal static async Task RunAsync(
        IConfiguration configuration, TextWriter output, CancellationToken cancellationToken)
    {
        var settings = StartupSettings.Read(configuration);
        if (settings.NeedsPrivateCluster)
        {
            throw new StartupException(
                $"{Name} makes the role that MASTER_DATABASE_URL names, and that is not set.\n"
                + "The portal's own PostgreSQL makes its role itself.");
        }

        var master = settings.MasterDatabase;
        if (SuperuserUrl.Read(configuration) is not { } superuser)
        {
            throw new StartupException(
                $"{Name} works as a superuser of the server.\n"
                + $"Set {SuperuserUrl.Variable}: postgresql://postgres:password@{master.Host}:{master.Port}/postgres");
        }

        if (master.Password.Length == 0 || master.Password.Any(c => c is < ' ' or > '~'))
        {
            throw new StartupException(
                $"MASTER_DATABASE_URL ({master.Masked}): the password of a new role is printable ASCII, and it is "
                + "needed.\nGive it there, or in PORTAL_DB_PASSWORD.");
        }

        try
        {
            var made = await PortalRole.EnsureAsync(superuser, master.Username, master.Password, cancellationToken);
            await (await ServerOpenings.ReadAsync(superuser, master.Database, master.Username, cancellationToken))
                .CloseAsync(superuser, cancellationToken);
            await output.WriteLineAsync(made
                ? $"Made the role {master.Username}. "
                    + "Only those who were given a right can connect to the server's databases."
                : $"The role {master.Username} was there; it has its rights and its password again.");
        }
        catch (Exception e) when (MasterDatabase.TryExplain(e, superuser, out var explained, SuperuserUrl.Variable))
        {
            throw explained;
        }
    }
}
