using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Lifecycle.OutsideRoles;

/// <summary>
/// Compares PRODUCT_DB_ROLE and PGBOUNCER_AUTH_ROLE with the server and with what the master has recorded. A changed
/// setting is recorded, and starts the operation that gives and takes the access.
/// </summary>
// More than five dependencies: settings, server, master and queue meet in one transaction.
public sealed class OutsideRoleSettings(
    VigiaSettings settings, IDbContextFactory<MasterContext> contexts, NpgsqlDataSource master,
    OperationQueue queue, AuditTrail audit, MasterIdentity identity, TimeProvider time)
{
    /// <summary>The action of the audit record.</summary>
    public const string Action = "portal.outside_role_changed";

    /// <summary>
    /// The value that takes a role's access away. PostgreSQL has no role of this name. A variable that is absent
    /// changes nothing, because one instance without it would cut the product off.
    /// </summary>
    public const string None = "none";

    private (OutsidePurpose Purpose, string Setting, string? Role)[] Wanted =>
    [
        (OutsidePurpose.Product, "PRODUCT_DB_ROLE", settings.ProductDatabaseRole),
        (OutsidePurpose.Pooler, "PGBOUNCER_AUTH_ROLE", settings.PoolerAuthRole),
    ];

    /// <summary>Checks that the roles exist and have no power of their own.</summary>
    /// <exception cref="StartupException">It names the setting and the problem.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (!Array.Exists(Wanted, wanted => wanted.Role is not null))
        {
            return;
        }

        await using var session = await master.OpenConnectionAsync(cancellationToken);
        var problems = new List<SettingProblem>();
        foreach (var (purpose, setting, role) in Wanted)
        {
            if (role is null or None)
            {
                continue;
            }

            var facts = await OutsideRoleDdl.ReadAsync(session, role, cancellationToken);
            if (Problem(purpose, role, facts) is { } wrong)
            {
                problems.Add(new SettingProblem(
                    setting, wrong, purpose == OutsidePurpose.Product ? "vigia_backend" : "pgbouncer_auth"));
            }
        }

        if (settings.PoolerAuthRole == None && await IsPoolerNeededAsync(cancellationToken))
        {
            problems.Add(new SettingProblem(
                "PGBOUNCER_AUTH_ROLE", "TENANT_DB_TEMPLATE points to another server or port than MASTER_DATABASE_URL, "
                + "which may be the pooler that still needs the role; change TENANT_DB_TEMPLATE first",
                "pgbouncer_auth"));
        }

        if (problems.Count > 0)
        {
            throw new StartupException(problems);
        }
    }

    /// <summary>Records changed settings, whichever instance starts with them, and starts the operation.</summary>
    public async Task RecordAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (identity.ReadOnly is not null || await audit.IsClosedAsync(db, cancellationToken))
        {
            // Recorded by the next start that may write.
            return;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"LOCK TABLE portal.outside_roles IN SHARE ROW EXCLUSIVE MODE", cancellationToken);
        var rows = await db.Set<OutsideRole>().AsTracking().ToListAsync(cancellationToken);
        var (before, after) = (new Dictionary<string, object?>(), new Dictionary<string, object?>());
        foreach (var (purpose, setting, role) in Wanted)
        {
            var present = rows.Find(r => r.Purpose == purpose && r.IsWanted);
            var next = role == None ? null : role;
            if (role is null || present?.RoleName == next)
            {
                continue;
            }

            (before[setting], after[setting]) = (present?.RoleName, next);
            if (present is not null)
            {
                (present.IsWanted, present.ChangedAt) = (false, time.GetUtcNow());

                // The index allows one wanted role of a purpose, so the former one has to be written first.
                await db.SaveChangesAsync(cancellationToken);
            }

            if (next is not null)
            {
                Want(db, rows, purpose, next);
            }
        }

        if (after.Count > 0)
        {
            var operation = queue.Enqueue(
                db, Actor.System, SyncOutsideRoles.KindName, (OperationTarget?)null, null, OperationQueue.Background);
            await audit.CommitAsync(db, Actor.System, new AuditEntry(Action)
            {
                Before = before, After = after, OperationId = operation.Id,
            }, cancellationToken);
        }
        else if (rows.Exists(r => !r.IsWanted) && !await db.Set<Operation>().AnyAsync(
            o => o.Kind == SyncOutsideRoles.KindName && OperationStates.Unfinished.Contains(o.State),
            cancellationToken))
        {
            // The last operation failed. A former role must not keep its access until somebody notices.
            queue.Enqueue(
                db, Actor.System, SyncOutsideRoles.KindName, (OperationTarget?)null, null, OperationQueue.Background);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    private async Task<bool> IsPoolerNeededAsync(CancellationToken cancellationToken)
    {
        var route = settings.TenantTemplate.For("x");
        if (route.Host == settings.MasterDatabase.Host && route.Port == settings.MasterDatabase.Port)
        {
            return false;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Set<OutsideRole>()
            .AnyAsync(r => r.Purpose == OutsidePurpose.Pooler && r.IsWanted, cancellationToken);
    }

    private void Want(MasterContext db, List<OutsideRole> rows, OutsidePurpose purpose, string role)
    {
        if (rows.Find(r => r.Purpose == purpose && r.RoleName == role) is { } again)
        {
            (again.IsWanted, again.ChangedAt) = (true, time.GetUtcNow());
            return;
        }

        db.Add(new OutsideRole
        {
            Purpose = purpose, RoleName = role, IsWanted = true, ChangedAt = time.GetUtcNow(),
        });
    }

    private static string? Problem(OutsidePurpose purpose, string role, OutsideRoleFacts? facts) => facts switch
    {
        null => $"the server has no role \"{role}\"; its administrator makes one: "
            + $"CREATE ROLE {SqlIdentifier.Quote(role)} LOGIN PASSWORD '…';",
        { IsOurs: true } => $"\"{role}\" is a role of the portal itself; the program needs one of its own",
        { Powers.Count: > 0 } => $"\"{role}\" has {string.Join(", ", facts.Powers)}; a role that reaches the data of "
            + "all tenants must have no such power",
        { Groups.Count: > 0 } => $"\"{role}\" has the rights of {string.Join(", ", facts.Groups)}; a role that reaches "
            + "the data of all tenants must be in no other group",
        { CanLogIn: false } => $"\"{role}\" can't log in: ALTER ROLE {SqlIdentifier.Quote(role)} LOGIN;",
        { Inherits: false } when purpose == OutsidePurpose.Product =>
            $"\"{role}\" does not inherit the rights of its groups: ALTER ROLE {SqlIdentifier.Quote(role)} INHERIT;",
        _ => null,
    };
}
