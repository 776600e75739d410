using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;

namespace Vigia.Portal.Startup;

/// <c>prepare-server</c>: shows the databases that the server opens to every role, and closes them on request.
internal static class PrepareServerCommand
{
    internal const string Consent = "--yes";

    internal static async Task RunAsync(
        IConfiguration configuration, bool consent, TextWriter output, CancellationToken cancellationToken)
    {
        var settings = StartupSettings.Read(configuration);
        if (settings.NeedsPrivateCluster)
            throw new StartupException(
                "prepare-server closes the server that MASTER_DATABASE_URL names, and that is not set.\n"
                + "The portal's own PostgreSQL is closed when the portal starts.");

        var master = settings.MasterDatabase;

        // Without a superuser's URL the command uses the portal's own role.
        var (url, variable) = SuperuserUrl.Read(configuration) is { } superuser
            ? (superuser, SuperuserUrl.Variable) : (master, "MASTER_DATABASE_URL");

        try
        {
            var openings = await ServerOpenings.ReadAsync(url, master.Database, master.Username, cancellationToken);
            await PrintAsync(openings, output);
            if (openings.IsPrepared) return;
            if (!consent)
            {
                await output.WriteLineAsync($"\nNothing was done. Run it with: Vigia.Portal prepare-server {Consent}");
                return;
            }

            if (!openings.MayClose)
                throw new StartupException(
                    $"{variable}: the role \"{url.Username}\" neither owns these databases nor is a superuser; "
                    + $"nothing was done.\nSet {SuperuserUrl.Variable} to a superuser's URL, or have the statements "
                    + "above run by one.");
            await openings.CloseAsync(url, cancellationToken);
            await output.WriteLineAsync("\nDone: only who was given a right to connect can.");
        }
        catch (Exception e) when (MasterDatabase.TryExplain(e, url, out var explained, variable))
        {
            throw explained;
        }
    }

    private static async Task PrintAsync(ServerOpenings openings, TextWriter output)
    {
        if (openings.IsPrepared)
        {
            await output.WriteLineAsync(
                "The server is prepared: "
                + "everybody holds nothing on postgres, template1, the master and our databases.");
            return;
        }

        await output.WriteLineAsync("Every role of the server can get into:");
        foreach (var open in openings.Open)
        {
            await output.WriteLineAsync($"  {open.Name} ({open.Rights}; owner {open.Owner})");
        }

        await output.WriteLineAsync("\nThis closes them:\n");
        foreach (var statement in openings.Statements)
        {
            await output.WriteLineAsync("  " + statement);
        }

        if (openings.Connected.Count > 0)
        {
            await output.WriteLineAsync(
                "\nConnected to them now, and in need of a GRANT CONNECT of their own unless they have one: "
                + string.Join(", ", openings.Connected));
        }
    }
}
