using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Removal;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>
/// Finds everything that keeps a tenant's database or login roles from being renamed or dropped and that the portal
/// can't remove itself, and the rights that the portal's own role lacks. Runs before anything is closed, and again
/// before a drop.
/// </summary>
internal sealed class Holders(MasterIdentity identity, ServerConnections servers)
{
    /// <summary>
    /// Refuses to continue while something holds the operation's tenant; changes nothing. Opens its own maintenance
    /// session.
    /// </summary>
    /// <exception cref="DatabaseConflictException"><c>database_not_ours</c>.</exception>
    /// <exception cref="PersonNeededException">
    /// <c>tenant_held</c>, with a part for each holder: where it is, and the statement that removes it.
    /// </exception>
    public async Task DemandNoneAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var database = await OwnDatabases.Of(db, context.TenantId).AsNoTracking()
            .SingleOrDefaultAsync(cancellationToken);
        var credentials = database is null ? [] : await db.Set<TenantCredential>().AsNoTracking()
            .Where(c => c.DatabaseId == database.Id).ToListAsync(cancellationToken);
        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        var found = await ReadAsync(context, session, database, credentials, cancellationToken);
        HolderCheck.DemandNone(database?.Name ?? context.Operation.Subdomain ?? "-", found);
    }

    private async Task<List<Message>> ReadAsync(
        OperationContext context, NpgsqlConnection session, ManagedDatabase? database,
        List<TenantCredential> credentials, CancellationToken cancellationToken)
    {
        var found = new List<Message>((await ServerPrivileges.ReadAsync(session, cancellationToken)).InWords());
        string? name = null;
        var marker = DatabaseMarker.ForDatabase(identity.MasterId, database?.Id ?? Guid.Empty);
        if (database is not null
            && await DatabaseDdl.FindByMarkerAsync(session, marker, cancellationToken) is { } there)
        {
            name = there.Name;

            // In the trash an unfinished drop is no obstacle: the purge finishes it.
            found.AddRange((await DatabaseHolders.ReadAsync(session, name, cancellationToken))
                .Where(h => h.Code != DatabaseHolders.HalfDropped || database.Kind != DatabaseKind.Trash));
        }
        else if (database is not null
            && await DatabaseDdl.DescribeAsync(session, database.Name, cancellationToken) is { } other)
        {
            // A database with the tenant's name but without our marker would stay, while the audit trail would say that
            // it is gone.
            throw new DatabaseConflictException("database_not_ours", other.Name, other.Marker ?? "-");
        }

        var ours = new List<string>();
        foreach (var credential in credentials)
        {
            // A role that is not ours is left alone when the others are dropped.
            if (await RoleDdl.IsOursAsync(
                session, credential.RoleName, DatabaseMarker.ForRole(identity.MasterId, credential.Id),
                cancellationToken))
            {
                ours.Add(credential.RoleName);
            }
        }

        var held = await RoleHolders.ReadAsync(session, [.. ours], null, name, identity.MasterId, cancellationToken);
        found.AddRange(held.ForPersons);
        found.AddRange(await UnreachableDatabases.FindAsync(
            context, session, held.Inside.Select(i => i.Database), identity.MasterId, cancellationToken));
        return found;
    }
}
