using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Vigia.Core.Configuration;
using Vigia.Core.Databases;
using Vigia.Core.Errors;
using Vigia.Core.Staff;

namespace Vigia.Core.Master;

/// <summary>What must have happened before anything works: schema at head, identity known and compared with where we are, roles there.</summary>
public sealed partial class MasterStartup(
    MasterMigrator migrator, MasterIdentity identity, NpgsqlDataSource master, VigiaSettings settings, IDbContextFactory<MasterContext> contexts, IServiceScopeFactory scopes, RightsHistory rights,
    ILogger<MasterStartup> logger)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await migrator.MigrateAsync(cancellationToken);
        await IdentifyAsync(cancellationToken);
        await CheckRoleAsync(cancellationToken);
        await TellViolationsAsync(cancellationToken);
        await rights.RecordAsync(cancellationToken);
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<StaffAccounts>().EnsureRolesAsync(cancellationToken);
    }

    private async Task IdentifyAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var instance = await db.Instance.SingleAsync(cancellationToken);
        identity.MasterId = instance.MasterId;
        var here = await MasterFingerprint.ReadAsync(master, settings, cancellationToken);
        if (MasterFingerprint.Of(instance) is not { } stored)
        {
            here.StoreIn(instance);
            await db.SaveChangesAsync(cancellationToken);
        }
        else if (stored != here)
        {
            identity.ReadOnly = new Message("master_copied", stored.ToString(), here.ToString());
            LogReadOnly(logger, stored.ToString(), here.ToString());
        }
    }

    // A registry that was taken over may hold rows that break our rules: they stay as they are, and somebody should know.
    private async Task TellViolationsAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var broken = await db.Database.SqlQuery<string>($"SELECT rule || ': ' || count(*) AS \"Value\" FROM portal.registry_violations GROUP BY rule ORDER BY rule").ToListAsync(cancellationToken);
        if (broken.Count > 0)
        {
            LogViolations(logger, string.Join(", ", broken));
        }
    }

    // Said at the start, with what to do: otherwise the first client's database finds it out. What needs no such right works meanwhile.
    private async Task CheckRoleAsync(CancellationToken cancellationToken)
    {
        var role = await PortalRole.ReadAsync(master, cancellationToken);
        if (role.IsSuperuser)
        {
            LogSuperuser(logger, role.Name);
        }

        if (role.Missing.Count > 0)
        {
            LogMissing(logger, role.Name, string.Join(" ", role.Missing));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Clients in the registry break rules ({Rules}); they are left as they are, the view portal.registry_violations lists them")]
    private static partial void LogViolations(ILogger logger, string rules);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The portal works as the superuser {Role}: nothing in the server holds it back. Give it a role of its own with LOGIN CREATEDB CREATEROLE and pg_signal_backend")]
    private static partial void LogSuperuser(ILogger logger, string role);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The portal's role {Role} lacks rights that it needs; a superuser has to run: {Statements}")]
    private static partial void LogMissing(ILogger logger, string role, string statements);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The master database was at {Stored} and is at {Here}: read-only until an administrator says whether it was moved or is a copy")]
    private static partial void LogReadOnly(ILogger logger, string stored, string here);
}
