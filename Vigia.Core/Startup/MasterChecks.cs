using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Secrets;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Startup;

/// <summary>
/// Looks at the start for what a person has to mend: the audit trail, the privileges of the portal's role, and rows of
/// the registry that break rules. The portal starts all the same.
/// </summary>
public sealed partial class MasterChecks(
    NpgsqlDataSource master, IDbContextFactory<MasterContext> contexts, AuditStanding standing, SecretKeyRing ring,
    ILogger<MasterChecks> logger)
{
    /// <summary>Checks the conditions for migrating the master.</summary>
    /// <exception cref="RuleException"><c>keys_not_opened</c>: the secret is that of another master.</exception>
    public async Task DemandBeforeMigrationAsync(CancellationToken cancellationToken)
    {
        await using var session = await master.OpenConnectionAsync(cancellationToken);
        await WrappedKeys.DemandFitAsync(session, ring, cancellationToken);
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await CheckTrailAsync(cancellationToken);
        await CheckPrivilegesAsync(cancellationToken);
        await WarnAboutViolationsAsync(cancellationToken);
    }

    // The portal also starts when the trail accepts no records, so that people can see what is wrong.
    private async Task CheckTrailAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await standing.CheckAsync(db, cancellationToken);
    }

    // A registry that was taken over may contain rows that break the portal's rules. They stay as they are, and the log
    // names them.
    private async Task WarnAboutViolationsAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var broken = await db.Database.SqlQuery<string>($"""
            SELECT rule || ': ' || count(*) AS "Value" FROM portal.registry_violations GROUP BY rule ORDER BY rule
            """).ToListAsync(cancellationToken);
        if (broken.Count > 0)
        {
            LogViolations(logger, string.Join(", ", broken));
        }
    }

    // The check runs at the start, because otherwise the first provisioning would discover the missing privilege.
    // Functions that do not need it work in the meantime.
    private async Task CheckPrivilegesAsync(CancellationToken cancellationToken)
    {
        await using var session = await master.OpenConnectionAsync(cancellationToken);
        var role = await ServerPrivileges.ReadAsync(session, cancellationToken);
        if (role.IsSuperuser)
        {
            LogSuperuser(logger, role.Name);
        }

        if (role.Missing.Count > 0)
        {
            LogMissing(logger, role.Name, string.Join(" ", role.Missing));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Tenants in the registry break rules ({Rules}). They stay as they are; the view "
            + "portal.registry_violations lists them")]
    private static partial void LogViolations(ILogger logger, string rules);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The portal works as the superuser {Role}, so the server can't limit it. Give it a role of its "
            + "own with LOGIN CREATEDB CREATEROLE and pg_signal_backend")]
    private static partial void LogSuperuser(ILogger logger, string role);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The portal's role {Role} lacks privileges that it needs. A superuser must run: {Statements}")]
    private static partial void LogMissing(ILogger logger, string role, string statements);
}
