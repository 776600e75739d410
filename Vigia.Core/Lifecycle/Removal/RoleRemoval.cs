using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;

namespace Vigia.Core.Lifecycle.Removal;

/// <summary>
/// Drops login roles of tenants. A tenant's role can grant another role rights on its large objects or by default
/// privileges, and nothing prevents that. A role that holds a right can't be dropped. So the rights are revoked first,
/// in every database of ours that lists the role.
/// </summary>
internal sealed class RoleRemoval(MasterIdentity identity, ServerConnections servers)
{
    // A tenant may grant again and again. From the second round on, the role is dropped in the transaction that
    // revokes, so that no grant can come in between.
    private const int Rounds = 20;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Drops the role of a credential; a role that does not exist or is not ours is left alone.
    /// <paramref name="session"/> is a maintenance session of the operation.
    /// </summary>
    /// <exception cref="PersonNeededException"><c>tenant_held</c>: everything that holds the role.</exception>
    /// <exception cref="NotYetException">A database that lists the role is closed at the moment.</exception>
    public async Task DropAsync(
        OperationContext context, NpgsqlConnection session, TenantCredential credential,
        CancellationToken cancellationToken)
    {
        var (role, marker) = (credential.RoleName, MarkerOf(credential));
        for (var round = 1; await RoleDdl.IsOursAsync(session, role, marker, cancellationToken); round++)
        {
            var held = await RoleHolders.ReadAsync(session, [role], null, null, identity.MasterId, cancellationToken);
            HolderCheck.DemandNone(
                role, round > Rounds ? [.. held.ForPersons, .. held.Inside.Select(i => i.InWords)] : held.ForPersons);
            try
            {
                foreach (var database in held.On)
                {
                    var revoke = $"REVOKE ALL ON DATABASE {SqlIdentifier.Quote(database)} "
                        + $"FROM {SqlIdentifier.Quote(role)}";
                    await MasterDatabase.ExecuteAsync(session, revoke, cancellationToken);
                }

                foreach (var (database, _) in held.Inside)
                {
                    var andDrop = round > 1 && database == held.Inside[^1].Database;
                    await InsideAsync(
                        context, session, role, database,
                        inside => RoleRetirement.RevokeAllAsync(inside, role, marker, andDrop, cancellationToken),
                        cancellationToken);
                }

                await RoleDdl.DropAsync(session, role, marker, cancellationToken);
            }
            catch (PostgresException e) when (round <= Rounds && e.SqlState is
                PostgresErrorCodes.DependentObjectsStillExist or PostgresErrorCodes.LockNotAvailable
                    or PostgresErrorCodes.InternalError)
            {
                // A right was granted to the role concurrently (XX000: "tuple concurrently updated"), or is about to
                // be: ends the sessions that hold the role's lock.
                await RoleRetirement.EndGrantingSessionsAsync(session, role, cancellationToken);
            }
        }
    }

    /// <summary>
    /// Drops all login roles of the tenant's own database and deletes its credentials. The objects that the roles own
    /// are dropped before, with the database.
    /// </summary>
    public async Task DropAllAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var credentials = db.Set<TenantCredential>()
            .Where(c => OwnDatabases.Of(db, context.TenantId).Any(d => d.Id == c.DatabaseId));
        foreach (var credential in await credentials.AsNoTracking().ToListAsync(cancellationToken))
        {
            await DropAsync(context, session, credential, cancellationToken);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await credentials.ExecuteDeleteAsync(cancellationToken);
        await context.CommitAsync(db, [], cancellationToken);
    }

    /// <summary>
    /// Reassigns what the role owns in its own database to another role of that database, and removes its remaining
    /// entries there, default privileges included. Does nothing unless both roles are ours.
    /// </summary>
    /// <exception cref="PersonNeededException"><c>tenant_held</c>: everything that would hold the role.</exception>
    public async Task ReassignAsync(
        OperationContext context, NpgsqlConnection session, TenantCredential replaced, TenantCredential successor,
        DatabaseDescription database, CancellationToken cancellationToken)
    {
        var (from, to) = (replaced.RoleName, successor.RoleName);
        if (!await RoleDdl.IsOursAsync(session, from, MarkerOf(replaced), cancellationToken)
            || !await RoleDdl.IsOursAsync(session, to, MarkerOf(successor), cancellationToken))
        {
            return;
        }

        var held = await RoleHolders.ReadAsync(
            session, [from], to, database.Name, identity.MasterId, cancellationToken);
        HolderCheck.DemandNone(from, held.ForPersons);
        for (var round = 1; await RoleRetirement.HasDependenciesInAsync(
            session, from, database.Name, cancellationToken); round++)
        {
            try
            {
                await InsideAsync(
                    context, session, from, database.Name,
                    inside => RoleRetirement.ReassignAsync(inside, from, to, cancellationToken), cancellationToken);
                return;
            }
            catch (PostgresException e) when (round <= Rounds && e.SqlState is
                PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.InternalError)
            {
                // A prepared transaction has no session that could be ended.
                var open = await DatabaseHolders.ReadAsync(session, database.Name, cancellationToken);
                HolderCheck.DemandNone(from, [.. open.Where(h => h.Code == "holder_prepared_transaction")]);
            }
        }
    }

    private string MarkerOf(TenantCredential credential) => DatabaseMarker.ForRole(identity.MasterId, credential.Id);

    // The marker was read with the list of databases; it is checked again on the connection that acts.
    private async Task InsideAsync(
        OperationContext context, NpgsqlConnection session, string role, string database,
        Func<NpgsqlConnection, Task> action,
        CancellationToken cancellationToken)
    {
        if (await DatabaseDdl.DescribeAsync(session, database, cancellationToken) is not { Marker: { } marker } found
            || !DatabaseMarker.IsDatabase(marker, identity.MasterId))
        {
            // Dropped or renamed since it was listed.
            throw new NotYetException(new Message("role_listed_in_moving_database"), RetryDelay);
        }

        HolderCheck.DemandNone(
            role,
            await UnreachableDatabases.FindAsync(context, session, [database], identity.MasterId, cancellationToken));
        if (found.ConnectionLimit == DatabaseDdl.UnfinishedDrop)
        {
            // Another operation is about to finish dropping it.
            throw new NotYetException(new Message("role_listed_in_moving_database"), RetryDelay);
        }

        if (database == DatabaseMarker.TrashNameOf(marker))
        {
            await using var opened = await TrashDatabaseAccess.OpenAsync(session, database, marker, cancellationToken);
            await ActAsync();
        }
        else if (found.AllowsConnections)
        {
            await ActAsync();
        }
        else
        {
            // The database is moving to or from the trash, which takes moments. Opening it here could leave it closed
            // when it should be open.
            throw new NotYetException(new Message("role_listed_in_moving_database"), RetryDelay);
        }

        async Task ActAsync()
        {
            await using var inside = database == servers.MaintenanceDatabase
                ? null
                : await OpenAsync();
            if (await DatabaseDdl.MarkerInsideAsync(inside ?? session, cancellationToken) is var there
                && there != marker)
            {
                throw new DatabaseConflictException("database_not_ours", database, there ?? "-");
            }

            try
            {
                await action(inside ?? session);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                // A tenant's session has locked a row that lists the role. Ending its transaction lets the next round
                // succeed.
                var tenants = DatabaseMarker.RolePattern(identity.MasterId);
                await RoleRetirement.EndTransactionsAsync(session, database, tenants, cancellationToken);
                throw;
            }
        }

        async Task<NpgsqlConnection> OpenAsync()
        {
            try
            {
                return await context.OpenUncheckedAsync(database, cancellationToken);
            }
            catch (Exception e) when (e is RuleException { Reason.Code: "database_missing" }
                or DatabaseUnreachableException { SqlState: PostgresErrorCodes.ObjectNotInPrerequisiteState })
            {
                // Renamed or closed since it was described.
                throw new NotYetException(new Message("role_listed_in_moving_database"), RetryDelay);
            }
        }
    }
}
