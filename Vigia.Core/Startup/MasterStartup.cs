using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Team;

namespace Vigia.Core.Startup;

/// <summary>
/// Runs before anything else works: migrates the master, compares its fingerprint, checks the audit trail and the
/// portal's privileges, and creates the roles of staff.
/// </summary>
public sealed partial class MasterStartup(
    MasterMigrator migrator, MasterIdentity identity, NpgsqlDataSource master, VigiaSettings settings,
    IDbContextFactory<MasterContext> contexts, IServiceScopeFactory scopes, RightsHistory rights,
    AuditChains chains, AuditStanding standing, ILogger<MasterStartup> logger)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await migrator.MigrateAsync(cancellationToken);
        await IdentifyAsync(cancellationToken);
        await CheckTrailAsync(cancellationToken);
        await CheckPrivilegesAsync(cancellationToken);
        await WarnAboutViolationsAsync(cancellationToken);
        await rights.RecordAsync(cancellationToken);
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<StaffAccounts>().EnsureRolesAsync(cancellationToken);
    }

    /// <summary>
    /// Compares the fingerprint of the master with the stored one. When they differ, the master was copied or moved,
    /// and nothing is written until a person says which.
    /// </summary>
    public async Task IdentifyAsync(CancellationToken cancellationToken)
    {
        var here = await MasterFingerprint.ReadAsync(master, settings, cancellationToken);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        // The row is locked, so that only one of several instances that start together is the first.
        var instance = (await db.Set<MasterInstance>().FromSqlRaw("SELECT * FROM portal.instance FOR UPDATE")
            .ToListAsync(cancellationToken)).Single();
        identity.MasterId = instance.MasterId;
        if (MasterFingerprint.Of(instance) is not { } stored)
        {
            // Only the very first start creates the keys of the audit trail.
            here.StoreIn(instance);
            await chains.BeginFirstAsync(db, cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        else if (stored != here)
        {
            identity.ReadOnly = new Message("master_copied", stored.ToString(), here.ToString());
            LogReadOnly(logger, stored.ToString(), here.ToString());
        }
    }

    // The portal also starts when the trail takes no records, so that people can see what is wrong.
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
        var broken = await db.Database.SqlQuery<string>(
            $"SELECT rule || ': ' || count(*) AS \"Value\" FROM portal.registry_violations GROUP BY rule ORDER BY rule")
            .ToListAsync(cancellationToken);
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

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The master database was at {Stored} and is now at {Here}. It is read-only until an administrator "
            + "says whether it was moved or is a copy")]
    private static partial void LogReadOnly(ILogger logger, string stored, string here);
}
