using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;

namespace Vigia.Core.Lifecycle.OutsideRoles;

/// <summary>
/// Gives the roles of PRODUCT_DB_ROLE and PGBOUNCER_AUTH_ROLE their access to one tenant's database, and takes it away
/// from former ones. Each change holds a lock of the server for the database, or for the group, and reads the rows of
/// the master under it. So two operations at the same time can't undo each other with rows that they read earlier.
/// </summary>
internal sealed class OutsideAccess(
    IDbContextFactory<MasterContext> contexts, TenantConnections connections, TenantDatabases databases,
    MasterIdentity identity, ServerConnections servers)
{
    /// <summary>
    /// Opens a database of a tenant to the wanted roles and closes it to former ones. A role that the server does not
    /// have is left to <see cref="SyncOutsideRoles"/>: it must not stop work on a tenant.
    /// <paramref name="session"/> is a maintenance session; the operation must have no session inside the database.
    /// </summary>
    /// <param name="isReturned">
    /// Whether the database was in the trash, or others could change it. Then it may have verifiers for a pooler,
    /// although no row says so.
    /// </param>
    /// <returns>The revision of the rows, for <see cref="HasChangedAsync"/>.</returns>
    public Task<string> OpenAsync(
        OperationContext context, NpgsqlConnection session, Guid databaseId, string name, bool isReturned,
        CancellationToken cancellationToken) =>
        InTurnAsync(session, databaseId, async roles =>
        {
            var marker = DatabaseMarker.ForDatabase(identity.MasterId, databaseId);
            foreach (var role in roles.Former.Where(role => !roles.Wants(role)))
            {
                await OutsideRoleDdl.RevokeAsync(session, role, name, marker, cancellationToken);
            }

            foreach (var role in roles.Wanted)
            {
                await OutsideRoleDdl.GrantConnectAsync(session, role, name, marker, cancellationToken);
            }

            await WriteAsync(context, session, databaseId, name, roles, isReturned, cancellationToken);
            return roles.Revision;
        }, cancellationToken);

    /// <summary>
    /// Opens the database once more, at the end of long work. Does nothing when there is no outside role.
    /// </summary>
    public async Task<string> OpenAgainAsync(
        OperationContext context, Guid databaseId, string name, CancellationToken cancellationToken)
    {
        if (await ReadAsync(cancellationToken) is { Rows.Count: 0 } none)
        {
            return none.Revision;
        }

        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        return await OpenAsync(context, session, databaseId, name, false, cancellationToken);
    }

    /// <summary>
    /// Whether the rows have changed since <paramref name="revision"/>. They can't change again until the transaction
    /// ends, so a later <see cref="SyncOutsideRoles"/> finds every tenant that becomes ready in it.
    /// </summary>
    public static async Task<bool> HasChangedAsync(
        MasterContext db, string revision, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync(
            $"LOCK TABLE portal.outside_roles IN ROW EXCLUSIVE MODE", cancellationToken);
        return (await ReadAsync(db, cancellationToken)).Revision != revision;
    }

    /// <summary>
    /// Revokes the access of all outside roles to the database, because it goes to the trash. The verifiers for a
    /// pooler stay in it, as all content does: nobody can connect.
    /// </summary>
    public Task CloseAsync(
        NpgsqlConnection session, string database, string marker, CancellationToken cancellationToken) =>
        InTurnAsync(session, DatabaseMarker.DatabaseIdOf(marker), async roles =>
        {
            foreach (var role in roles.Rows.Select(r => r.RoleName).Distinct())
            {
                await OutsideRoleDdl.RevokeAsync(session, role, database, marker, cancellationToken);
            }

            return true;
        }, cancellationToken);

    /// <summary>
    /// Stores the verifiers with which a pooler admits the login roles of the database, or removes them when there is
    /// no pooler. The server gets the same verifiers. A replaced role keeps its own until <see cref="ForgetAsync"/>.
    /// </summary>
    public Task WriteVerifiersAsync(
        OperationContext context, NpgsqlConnection session, Guid databaseId, string name,
        CancellationToken cancellationToken) =>
        InTurnAsync(session, databaseId, async roles =>
        {
            await WriteAsync(context, session, databaseId, name, roles, false, cancellationToken);
            return true;
        }, cancellationToken);

    /// <summary>Makes a pooler let these login roles in no longer. Sessions that it has open continue.</summary>
    public async Task ForgetAsync(
        OperationContext context, Guid databaseId, string name, IReadOnlyList<string> roles,
        CancellationToken cancellationToken)
    {
        if ((await ReadAsync(cancellationToken)).HasPooler)
        {
            await using var inside = await OpenInsideAsync(context, databaseId, name, cancellationToken);
            await PoolerSchema.ForgetAsync(inside, roles, cancellationToken);
        }
    }

    /// <summary>Gives the product's roles the rights of tenants, and takes them away from a former one.</summary>
    public Task<bool> SetGroupAsync(NpgsqlConnection session, string role, CancellationToken cancellationToken) =>
        InTurnAsync(session, Guid.Empty, async roles =>
        {
            if (roles.WantsInGroup(role)
                && await OutsideRoleDdl.ReadAsync(session, role, cancellationToken) is not null)
            {
                await OutsideRoleDdl.JoinTenantGroupAsync(session, role, cancellationToken);
            }
            else if (roles.LeavesGroup(role))
            {
                await OutsideRoleDdl.LeaveTenantGroupAsync(session, role, cancellationToken);
            }

            return true;
        }, cancellationToken);

    /// <summary>
    /// Revokes CONNECT on every database of this portal, ready or not, from a role that has no purpose any more. A
    /// database that another session holds is left to the next call.
    /// </summary>
    /// <returns>The databases on which it still has a right.</returns>
    public async Task<IReadOnlyList<string>> CloseAllAsync(
        NpgsqlConnection session, string role, CancellationToken cancellationToken)
    {
        var pattern = DatabaseMarker.DatabasePattern(identity.MasterId);
        var left = new List<string>();
        foreach (var (name, marker) in await OutsideRoleDdl.GrantedAsync(session, role, pattern, cancellationToken))
        {
            try
            {
                await InTurnAsync(session, DatabaseMarker.DatabaseIdOf(marker), async roles =>
                {
                    if (!roles.Wants(role))
                    {
                        await OutsideRoleDdl.RevokeAsync(session, role, name, marker, cancellationToken);
                    }

                    return true;
                }, cancellationToken);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                left.Add(name);
            }
        }

        return left;
    }

    /// <summary>Reads the rows of the master as they are now.</summary>
    public async Task<OutsideRoleList> ReadAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await ReadAsync(db, cancellationToken);
    }

    private static async Task<OutsideRoleList> ReadAsync(MasterContext db, CancellationToken cancellationToken) =>
        new(await db.Set<OutsideRole>().AsNoTracking().OrderBy(r => r.Purpose).ThenBy(r => r.RoleName)
            .ToListAsync(cancellationToken));

    private async Task<T> InTurnAsync<T>(
        NpgsqlConnection session, Guid subject, Func<OutsideRoleList, Task<T>> act,
        CancellationToken cancellationToken)
    {
        await using var turn = await OutsideRoleDdl.TakeTurnAsync(
            session, identity.MasterId, subject, cancellationToken);
        return await act(await ReadAsync(cancellationToken));
    }

    private async Task WriteAsync(
        OperationContext context, NpgsqlConnection session, Guid databaseId, string name, OutsideRoleList roles,
        bool isReturned, CancellationToken cancellationToken)
    {
        if (!roles.HasPooler && !isReturned)
        {
            return;
        }

        if (roles.Pooler is not { } pooler)
        {
            await using var empty = await OpenInsideAsync(context, databaseId, name, cancellationToken);
            await PoolerSchema.DropAsync(empty, cancellationToken);
            return;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var credentials = await db.Set<TenantCredential>().AsNoTracking()
            .Where(c => c.DatabaseId == databaseId && c.ReplacedAt == null && c.DropBegunAt == null)
            .ToListAsync(cancellationToken);
        var logIns = new List<(string Role, string Verifier)>();
        foreach (var credential in credentials)
        {
            if (FindVerifier(credential) is { } verifier)
            {
                await RoleDdl.SetVerifierAsync(
                    session, credential.RoleName, verifier,
                    DatabaseMarker.ForRole(identity.MasterId, credential.Id), cancellationToken);
                logIns.Add((credential.RoleName, verifier));
            }
        }

        await using var inside = await OpenInsideAsync(context, databaseId, name, cancellationToken);
        await PoolerSchema.WriteAsync(inside, pooler, logIns, cancellationToken);
    }

    // If the key of a password is lost, a rotation replaces the password, so it must not need the lost one.
    private string? FindVerifier(TenantCredential credential)
    {
        try
        {
            return connections.VerifierOf(credential);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    // An operation on many tenants calls this, too, so the marker is checked here, on the session that acts.
    private async Task<NpgsqlConnection> OpenInsideAsync(
        OperationContext context, Guid databaseId, string name, CancellationToken cancellationToken)
    {
        var session = await context.OpenUncheckedAsync(name, cancellationToken);
        try
        {
            await databases.DemandInsideAsync(session, databaseId, context.OperationId, cancellationToken);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }
}
