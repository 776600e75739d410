using Microsoft.EntityFrameworkCore;
using Vigia.Core.Lifecycle.OutsideRoles;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;

namespace Vigia.Core.Lifecycle.Provisioning;

/// <summary>The login role of the tenant's database: disposable, and able to connect only to that database.</summary>
internal sealed class LoginRoleSteps(
    TenantConnections connections, OutsideAccess access, MasterIdentity identity, ServerConnections servers,
    TimeProvider time)
{
    public async Task IsolateAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        var database = await ReadDatabaseAsync(context, cancellationToken);
        var credential = await CurrentOrNewAsync(context, database, refused: null, cancellationToken);
        while (true)
        {
            try
            {
                await RoleDdl.CreateLoginAsync(
                    session, credential.RoleName, connections.VerifierOf(credential),
                    DatabaseMarker.ForRole(identity.MasterId, credential.Id), cancellationToken);
                break;
            }
            catch (RoleConflictException)
            {
                // Roles belong to the whole server: a copy of this master has a role with this id. Credentials are
                // disposable, so another one is tried.
                credential = await CurrentOrNewAsync(context, database, credential, cancellationToken);
            }
        }

        await RoleDdl.GrantConnectAsync(
            session, credential.RoleName, database.Name, DatabaseMarker.ForDatabase(identity.MasterId, database.Id),
            cancellationToken);

        // Before the log-in of the tenant's role, which may go through a pooler.
        await access.OpenAsync(context, session, database.Id, database.Name, false, cancellationToken);
        await using var asTenant = await connections.OpenAsync(credential, database.Name, cancellationToken);
    }

    // The row is committed before the role is created, so that no role of ours is ever without a row.
    private async Task<TenantCredential> CurrentOrNewAsync(
        OperationContext context, ManagedDatabase database, TenantCredential? refused,
        CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var present = await db.Set<TenantCredential>()
            .SingleOrDefaultAsync(c => c.DatabaseId == database.Id && c.IsCurrent, cancellationToken);
        if (present is not null && present.Id != refused?.Id)
        {
            return present;
        }

        if (present is not null)
        {
            // The index allows one current credential, so the refused one has to go first.
            db.Set<TenantCredential>().Remove(present);
            await db.SaveChangesAsync(cancellationToken);
        }

        var credential = connections.Create(database, isCurrent: true, time.GetUtcNow());
        db.Set<TenantCredential>().Add(credential);
        await context.CommitAsync(db, [], cancellationToken);
        return credential;
    }

    private static async Task<ManagedDatabase> ReadDatabaseAsync(
        OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await OwnDatabases.Of(db, context.TenantId).AsNoTracking().SingleAsync(cancellationToken);
    }
}
