using Microsoft.EntityFrameworkCore;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;

namespace Vigia.Core.Lifecycle.Provisioning;

/// <summary>The tenant's login role: disposable, numbered, and able to connect only to its own database.</summary>
internal sealed class LoginRoleSteps(
    TenantConnections connections, MasterIdentity identity, ServerConnections servers, TimeProvider time)
{
    public async Task IsolateAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        var database = await DatabaseNameAsync(context, cancellationToken);
        var credential = await CurrentOrNewAsync(context, afterNumber: 0, cancellationToken);
        while (true)
        {
            try
            {
                await RoleDdl.CreateLoginAsync(
                    session, credential.RoleName, ScramVerifier.Create(connections.Unprotect(credential)),
                    Marker(context), cancellationToken);
                break;
            }
            catch (RoleConflictException)
            {
                // Role names are shared by the whole cluster: a tenant of another master has this number. Numbers are
                // disposable, so the next one is tried.
                credential = await CurrentOrNewAsync(context, credential.Number, cancellationToken);
            }
        }

        await RoleDdl.GrantConnectAsync(
            session, credential.RoleName, database, DatabaseMarkerOf(await DatabaseIdAsync(context, cancellationToken)),
            cancellationToken);
        await using var asTenant = await connections.OpenAsync(context.TenantId, database, cancellationToken);
    }

    private string Marker(OperationContext context) => DatabaseMarker.ForRole(identity.MasterId, context.TenantId);

    private string DatabaseMarkerOf(Guid databaseId) => DatabaseMarker.ForDatabase(identity.MasterId, databaseId);

    // The row is committed before the role is created, so that no role of ours is ever without a row.
    private async Task<TenantCredential> CurrentOrNewAsync(
        OperationContext context, int afterNumber, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var present = await db.Set<TenantCredential>()
            .SingleOrDefaultAsync(c => c.TenantId == context.TenantId && c.IsCurrent, cancellationToken);
        if (present is not null && present.Number > afterNumber)
        {
            return present;
        }

        if (present is not null)
        {
            db.Set<TenantCredential>().Remove(present);
        }

        var number = afterNumber + 1;
        var credential = connections.Create(context.TenantId, number, isCurrent: true, time.GetUtcNow());
        db.Set<TenantCredential>().Add(credential);
        await context.CommitAsync(db, [], cancellationToken);
        return credential;
    }

    private static async Task<string> DatabaseNameAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await db.Set<ManagedDatabase>().Where(d => d.TenantId == context.TenantId).Select(d => d.Name)
            .SingleAsync(cancellationToken);
    }

    private static async Task<Guid> DatabaseIdAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await db.Set<ManagedDatabase>().Where(d => d.TenantId == context.TenantId).Select(d => d.Id)
            .SingleAsync(cancellationToken);
    }
}
