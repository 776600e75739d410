using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Lifecycle.OutsideRoles;
using Vigia.Core.Lifecycle.Removal;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Credentials;

/// <summary>The steps of a rotation. Each reads the present state and can run again.</summary>
// More than five dependencies: the steps share the new credential, and each of them works at another place: master,
// server, role, tenant's database.
internal sealed class RotationSteps(
    TenantConnections connections, TenantDatabases databases, RoleRemoval roles, OutsideAccess access,
    MasterIdentity identity, ServerConnections servers,
    IOptions<IsolationOptions> options, TimeProvider time)
{
    /// <summary>Creates the next login role, grants it CONNECT on the database, and logs in with it.</summary>
    public async Task CreateRoleAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        await DemandReadyAsync(context, cancellationToken);
        var database = await databases.FindAsync(session, context.TenantId, context.OperationId, cancellationToken);
        var next = await NextAsync(context, refused: null, cancellationToken);
        while (true)
        {
            try
            {
                await RoleDdl.CreateLoginAsync(
                    session, next.RoleName, connections.VerifierOf(next), MarkerOf(next),
                    cancellationToken);
                break;
            }
            catch (RoleConflictException)
            {
                // A copy of this master has a role with this id. Credentials are disposable, so another one is tried.
                next = await NextAsync(context, next, cancellationToken);
            }
        }

        await RoleDdl.GrantConnectAsync(session, next.RoleName, database.Name, database.Marker!, cancellationToken);
        await access.WriteVerifiersAsync(
            context, session, DatabaseMarker.DatabaseIdOf(database.Marker!), database.Name, cancellationToken);
        await using var tried = await connections.OpenAsync(next, database.Name, cancellationToken);
    }

    /// <summary>
    /// Undoes <see cref="CreateRoleAsync"/> while the role is not in use. If the tenant is no longer ready, the role
    /// stays: it is dropped with the tenant, or used by the next rotation after a restore.
    /// </summary>
    public async Task RemoveNewRoleAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (!await IsReadyAsync(context, cancellationToken))
        {
            return;
        }

        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        foreach (var credential in await ReadAsync(
            context, c => !c.IsCurrent && c.ReplacedAt == null, cancellationToken))
        {
            await DropRoleAsync(context, session, credential, cancellationToken);
        }
    }

    /// <summary>Makes the new role current: sessions opened from now on use it.</summary>
    public async Task SwitchAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.FindAndLockAsync(db, context.TenantId, cancellationToken)
            ?? throw new NotFoundException("tenant_unknown");
        var database = await OwnDatabases.Of(db, tenant.Id).AsNoTracking().SingleAsync(cancellationToken);
        var next = await db.Set<TenantCredential>().AsNoTracking()
            .SingleOrDefaultAsync(
                c => c.DatabaseId == database.Id && !c.IsCurrent && c.ReplacedAt == null && c.DropBegunAt == null,
                cancellationToken);
        if (next is null)
        {
            // An earlier attempt committed, and only its step record was lost.
            return;
        }

        if (tenant.State != TenantState.Ready)
        {
            throw new RuleException("not_ready");
        }

        var now = time.GetUtcNow();
        var old = await db.Set<TenantCredential>().AsNoTracking()
            .SingleAsync(c => c.DatabaseId == database.Id && c.IsCurrent, cancellationToken);
        await db.Set<TenantCredential>().Where(c => c.Id == old.Id)
            .ExecuteUpdateAsync(
                s => s.SetProperty(c => c.IsCurrent, false).SetProperty(c => c.ReplacedAt, now), cancellationToken);
        await db.Set<TenantCredential>().Where(c => c.Id == next.Id)
            .ExecuteUpdateAsync(s => s.SetProperty(c => c.IsCurrent, true), cancellationToken);
        await context.CommitAsync(db, [new AuditEntry("tenant.credential_rotated")
        {
            TenantId = tenant.Id,
            Ruc = tenant.Ruc,
            Subdomain = tenant.Subdomain,
            OperationId = context.OperationId,
            Reason = context.Data<RotationData>().Reason,
            Before = new Dictionary<string, object?> { ["role_name"] = old.RoleName },
            After = new Dictionary<string, object?> { ["role_name"] = next.RoleName },
        }], cancellationToken);
    }

    /// <summary>
    /// Pauses, without occupying a worker, until no process can still be about to open a session of an older role, then
    /// lets nobody log in with it any more, and pauses until its sessions have ended. A program of the product that
    /// keeps the older role would otherwise open one session after another, and the rotation would never end: now it is
    /// refused (28P01) and reads the connection again. See docs/rules.md#connection-for-programs.
    /// </summary>
    public async Task AwaitUnusedAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var replaced = await ReadAsync(context, c => c.ReplacedAt != null, cancellationToken);
        if (replaced.Count == 0)
        {
            return;
        }

        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        if (replaced.Max(c => c.ReplacedAt!.Value)
            + options.Value.KeepReplacedRoleFor - time.GetUtcNow() is { Ticks: > 0 } rest)
        {
            throw new NotYetException(
                new Message("credential_kept_a_while"),
                rest < options.Value.LookAgainAfter ? rest : options.Value.LookAgainAfter);
        }

        await RefuseLogInsAsync(context, session, replaced, cancellationToken);
        if (await RoleRetirement.CountSessionsAsync(
            session, [.. replaced.Select(c => c.RoleName)], cancellationToken) is > 0 and var open)
        {
            throw new NotYetException(
                new Message("credential_in_use", open.ToString(CultureInfo.InvariantCulture)),
                options.Value.LookAgainAfter);
        }
    }

    // Open sessions continue. A tenant that is being deleted or lies in the trash keeps its roles as they are.
    private async Task RefuseLogInsAsync(
        OperationContext context, NpgsqlConnection session, List<TenantCredential> replaced,
        CancellationToken cancellationToken)
    {
        if (!await IsReadyAsync(context, cancellationToken))
        {
            return;
        }

        foreach (var old in replaced)
        {
            if (await RoleDdl.IsOursAsync(session, old.RoleName, MarkerOf(old), cancellationToken))
            {
                HolderCheck.DemandNone(
                    old.RoleName, await RoleHolders.ReadForClosingAsync(session, old.RoleName, cancellationToken));
                await RoleDdl.SetVerifierAsync(session, old.RoleName, null, MarkerOf(old), cancellationToken);
            }
        }

        if (await DatabaseAsync(context, session, cancellationToken) is { } database)
        {
            await access.ForgetAsync(
                context, replaced[0].DatabaseId, database.Name, [.. replaced.Select(c => c.RoleName)],
                cancellationToken);
        }
    }

    /// <summary>Closes the older roles to new sessions, checks once more, and drops them.</summary>
    public async Task DropOldAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        foreach (var old in await ReadAsync(context, c => c.ReplacedAt != null, cancellationToken))
        {
            if (!await RoleDropDecision.BeginAsync(context, old.Id, time, cancellationToken))
            {
                continue;
            }

            if (await RoleDdl.IsOursAsync(session, old.RoleName, MarkerOf(old), cancellationToken))
            {
                HolderCheck.DemandNone(
                    old.RoleName, await RoleHolders.ReadForClosingAsync(session, old.RoleName, cancellationToken));
            }

            await RoleRetirement.CloseAsync(session, old.RoleName, MarkerOf(old), cancellationToken);
            if (await RoleRetirement.CountSessionsAsync(session, [old.RoleName], cancellationToken) is > 0 and var open)
            {
                throw new NotYetException(
                    new Message("credential_in_use", open.ToString(CultureInfo.InvariantCulture)),
                    options.Value.LookAgainAfter);
            }

            await DropRoleAsync(context, session, old, cancellationToken);
        }
    }

    // The tenant may have been deleted while the operation was queued.
    private static async Task DemandReadyAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (!await IsReadyAsync(context, cancellationToken))
        {
            throw new RuleException("not_ready");
        }
    }

    private static async Task<bool> IsReadyAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await db.Set<Tenant>()
            .AnyAsync(t => t.Id == context.TenantId && t.State == TenantState.Ready, cancellationToken);
    }

    private async Task DropRoleAsync(
        OperationContext context, NpgsqlConnection session, TenantCredential credential,
        CancellationToken cancellationToken)
    {
        if (!await RoleDropDecision.BeginAsync(context, credential.Id, time, cancellationToken))
        {
            return;
        }

        if (await DatabaseAsync(context, session, cancellationToken) is { } database)
        {
            // Large objects are reassigned to the role that is current now.
            var successor = (await ReadAsync(context, c => c.IsCurrent, cancellationToken)).Single();
            await roles.ReassignAsync(context, session, credential, successor, database, cancellationToken);
        }

        await roles.DropAsync(context, session, credential, cancellationToken);
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Set<TenantCredential>().Where(c => c.Id == credential.Id && !c.IsCurrent)
            .ExecuteDeleteAsync(cancellationToken);
        await context.CommitAsync(db, [], cancellationToken);
    }

    private async Task<DatabaseDescription?> DatabaseAsync(
        OperationContext context, NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await OwnDatabases.Of(db, context.TenantId).AsNoTracking().SingleOrDefaultAsync(cancellationToken)
            is { } database
            ? await DatabaseDdl.FindByMarkerAsync(
                session, DatabaseMarker.ForDatabase(identity.MasterId, database.Id), database.Name, cancellationToken)
            : null;
    }

    // The row is committed before the role is created, so that no role of ours is ever without a row.
    private async Task<TenantCredential> NextAsync(
        OperationContext context, TenantCredential? refused, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var database = await OwnDatabases.Of(db, context.TenantId).AsNoTracking().SingleAsync(cancellationToken);
        if (await db.Set<TenantCredential>().SingleOrDefaultAsync(
            c => c.DatabaseId == database.Id && !c.IsCurrent && c.ReplacedAt == null && c.DropBegunAt == null,
            cancellationToken) is { } present)
        {
            if (present.Id != refused?.Id)
            {
                return present;
            }

            db.Set<TenantCredential>().Remove(present);
        }

        var next = connections.Create(database, isCurrent: false, time.GetUtcNow());
        db.Set<TenantCredential>().Add(next);
        await context.CommitAsync(db, [], cancellationToken);
        return next;
    }

    private static async Task<List<TenantCredential>> ReadAsync(
        OperationContext context, System.Linq.Expressions.Expression<Func<TenantCredential, bool>> which,
        CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await db.Set<TenantCredential>().AsNoTracking()
            .Where(c => OwnDatabases.Of(db, context.TenantId).Any(d => d.Id == c.DatabaseId)).Where(which)
            .OrderBy(c => c.Id).ToListAsync(cancellationToken);
    }

    private string MarkerOf(TenantCredential credential) => DatabaseMarker.ForRole(identity.MasterId, credential.Id);
}
