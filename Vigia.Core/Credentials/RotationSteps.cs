using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Audit;
using Vigia.Core.Databases;
using Vigia.Core.Errors;
using Vigia.Core.Isolation;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Provisioning;
using Vigia.Core.Tenancy;
using Vigia.Core.Tenants;

namespace Vigia.Core.Credentials;

/// <summary>The steps of a rotation; each looks what is there and may run again.</summary>
internal sealed class RotationSteps(
    TenantConnections connections, MasterIdentity identity, ServerConnections servers, IOptions<IsolationOptions> options, TimeProvider time)
{
    /// <summary>Makes the next login role, lets it into the database, and logs in with it.</summary>
    public async Task MakeAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        var database = await DatabaseAsync(context, session, cancellationToken) ?? throw new RuleException("not_ready");
        await DemandReadyAsync(context, cancellationToken);
        var next = await NextAsync(context, replaced: null, cancellationToken);
        while (true)
        {
            try
            {
                await RoleDdl.CreateLoginAsync(session, next.RoleName, ScramVerifier.Create(connections.Unprotect(next)), RoleMarker(context), cancellationToken);
                break;
            }
            catch (RoleConflictException)
            {
                // Another master's client has this number; numbers are disposable.
                next = await NextAsync(context, next, cancellationToken);
            }
        }

        await RoleDdl.GrantConnectAsync(session, next.RoleName, database.Name, database.Marker!, cancellationToken);
        await using var tried = await connections.OpenAsync(next, database.Name, cancellationToken);
    }

    /// <summary>Takes back what <see cref="MakeAsync"/> did, as long as the role is not in use.</summary>
    public async Task TakeAwayAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        foreach (var credential in await ReadAsync(context, c => !c.IsCurrent && c.ReplacedAt == null, cancellationToken))
        {
            await ForgetAsync(context, session, credential, cancellationToken);
        }
    }

    /// <summary>From here on whoever opens a session gets the new role.</summary>
    public async Task SwitchAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.FindAndLockAsync(db, context.TenantId, cancellationToken) ?? throw new NotFoundException("tenant_unknown");
        var next = await db.Credentials.AsNoTracking().SingleOrDefaultAsync(c => c.TenantId == tenant.Id && !c.IsCurrent && c.ReplacedAt == null, cancellationToken);
        if (next is null)
        {
            // Committed before, and only the record of the step was lost.
            return;
        }

        var now = time.GetUtcNow();
        var old = await db.Credentials.AsNoTracking().SingleAsync(c => c.TenantId == tenant.Id && c.IsCurrent, cancellationToken);
        await db.Credentials.Where(c => c.TenantId == tenant.Id && c.IsCurrent)
            .ExecuteUpdateAsync(s => s.SetProperty(c => c.IsCurrent, false).SetProperty(c => c.ReplacedAt, now), cancellationToken);
        await db.Credentials.Where(c => c.TenantId == tenant.Id && c.Number == next.Number).ExecuteUpdateAsync(s => s.SetProperty(c => c.IsCurrent, true), cancellationToken);
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

    /// <summary>Waits, without holding a worker, until nobody can still be about to use an older role and no session does.</summary>
    public async Task AwaitUnusedAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var replaced = await ReadAsync(context, c => c.ReplacedAt != null, cancellationToken);
        if (replaced.Count == 0)
        {
            return;
        }

        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        if (await RoleRetirement.CountSessionsAsync(session, [.. replaced.Select(c => c.RoleName)], cancellationToken) is > 0 and var open)
        {
            throw new NotYetException(new Message("credential_in_use", open.ToString(CultureInfo.InvariantCulture)), options.Value.LookAgainAfter);
        }

        if (replaced.Max(c => c.ReplacedAt!.Value) + options.Value.KeepReplacedRoleFor - time.GetUtcNow() is { Ticks: > 0 } rest)
        {
            throw new NotYetException(new Message("credential_kept_a_while"), rest < options.Value.LookAgainAfter ? rest : options.Value.LookAgainAfter);
        }
    }

    /// <summary>Closes the older roles to new sessions, looks once more, and drops them.</summary>
    public async Task DropOldAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        foreach (var old in await ReadAsync(context, c => c.ReplacedAt != null, cancellationToken))
        {
            await RoleRetirement.CloseAsync(session, old.RoleName, RoleMarker(context), cancellationToken);
            if (await RoleRetirement.CountSessionsAsync(session, [old.RoleName], cancellationToken) is > 0 and var open)
            {
                throw new NotYetException(new Message("credential_in_use", open.ToString(CultureInfo.InvariantCulture)), options.Value.LookAgainAfter);
            }

            await ForgetAsync(context, session, old, cancellationToken);
        }
    }

    // It may have been deleted while this waited for its turn.
    private static async Task DemandReadyAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        if (!await db.Tenants.AnyAsync(t => t.Id == context.TenantId && t.State == TenantState.Ready, cancellationToken))
        {
            throw new RuleException("not_ready");
        }
    }

    private async Task ForgetAsync(OperationContext context, NpgsqlConnection session, TenantCredential credential, CancellationToken cancellationToken)
    {
        if (await DatabaseAsync(context, session, cancellationToken) is { } database)
        {
            await HandOverAsync(context, session, credential, database, cancellationToken);
            await RoleRetirement.RevokeConnectAsync(session, credential.RoleName, database.Name, database.Marker!, cancellationToken);
        }

        await RoleDdl.DropAsync(session, credential.RoleName, RoleMarker(context), cancellationToken);
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Credentials.Where(c => c.TenantId == credential.TenantId && c.Number == credential.Number && !c.IsCurrent).ExecuteDeleteAsync(cancellationToken);
        await context.CommitAsync(db, [], cancellationToken);
    }

    // Large objects are all that a tenant's role can own: they go to the role that is current now, or the old one could not be dropped.
    private async Task HandOverAsync(OperationContext context, NpgsqlConnection session, TenantCredential from, DatabaseDescription database, CancellationToken cancellationToken)
    {
        if (!await RoleRetirement.OwnsAnythingAsync(session, from.RoleName, cancellationToken))
        {
            return;
        }

        var to = (await ReadAsync(context, c => c.IsCurrent, cancellationToken)).Single();
        await using var inside = database.Name == servers.MaintenanceDatabase ? null : await context.OpenDatabaseAsync(database.Name, cancellationToken);
        await RoleRetirement.ReassignAsync(inside ?? session, from.RoleName, to.RoleName, cancellationToken);
    }

    private async Task<DatabaseDescription?> DatabaseAsync(OperationContext context, NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await db.Databases.AsNoTracking().SingleOrDefaultAsync(d => d.TenantId == context.TenantId, cancellationToken) is { } database
            ? await DatabaseDdl.FindByMarkerAsync(session, DatabaseMarker.ForDatabase(identity.MasterId, database.Id), cancellationToken)
            : null;
    }

    // Committed before the role is made, so that a role of ours is never without a row.
    private async Task<TenantCredential> NextAsync(OperationContext context, TenantCredential? replaced, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var all = await db.Credentials.Where(c => c.TenantId == context.TenantId).ToListAsync(cancellationToken);
        if (all.Find(c => !c.IsCurrent && c.ReplacedAt is null) is { } present)
        {
            if (replaced is null)
            {
                return present;
            }

            db.Credentials.Remove(present);
        }

        var number = Math.Max(replaced?.Number ?? 0, all.Max(c => c.Number)) + 1;
        var next = connections.Create(context.TenantId, number, isCurrent: false, time.GetUtcNow());
        db.Credentials.Add(next);
        await context.CommitAsync(db, [], cancellationToken);
        return next;
    }

    private static async Task<List<TenantCredential>> ReadAsync(
        OperationContext context, System.Linq.Expressions.Expression<Func<TenantCredential, bool>> which, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await db.Credentials.AsNoTracking().Where(c => c.TenantId == context.TenantId).Where(which).OrderBy(c => c.Number).ToListAsync(cancellationToken);
    }

    private string RoleMarker(OperationContext context) => DatabaseMarker.ForRole(identity.MasterId, context.TenantId);
}
