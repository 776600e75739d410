using Microsoft.EntityFrameworkCore;
using Vigia.Core.Databases;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Tenancy;

namespace Vigia.Core.Provisioning;

/// <summary>The tenant's login role: disposable, numbered, able to connect to its own database only.</summary>
internal sealed class IsolationSteps(TenantConnections connections, MasterIdentity identity, ServerConnections servers, TimeProvider time)
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
                    session, credential.RoleName, ScramVerifier.Create(connections.Unprotect(credential)), Marker(context), cancellationToken);
                break;
            }
            catch (RoleConflictException)
            {
                // Role names are of the whole cluster: another master's client has this number. Numbers are disposable, the next one will do.
                credential = await CurrentOrNewAsync(context, credential.Number, cancellationToken);
            }
        }

        await RoleDdl.GrantConnectAsync(session, credential.RoleName, database, DatabaseMarkerOf(await DatabaseIdAsync(context, cancellationToken)), cancellationToken);
        await using var asTenant = await connections.OpenAsync(context.TenantId, database, cancellationToken);
    }

    /// <summary>Drops every login role of the client and forgets its credentials. Its database must be gone or must not know them.</summary>
    public async Task DropRolesAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        await using var db = await context.OpenMasterAsync(cancellationToken);
        foreach (var credential in await db.Credentials.AsNoTracking().Where(c => c.TenantId == context.TenantId).ToListAsync(cancellationToken))
        {
            await RoleDdl.DropAsync(session, credential.RoleName, Marker(context), cancellationToken);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Credentials.Where(c => c.TenantId == context.TenantId).ExecuteDeleteAsync(cancellationToken);
        await context.CommitAsync(db, [], cancellationToken);
    }

    private string Marker(OperationContext context) => DatabaseMarker.ForRole(identity.MasterId, context.TenantId);

    private string DatabaseMarkerOf(Guid databaseId) => DatabaseMarker.ForDatabase(identity.MasterId, databaseId);

    // Committed before the role is made, so that a role of ours is never without a row.
    private async Task<TenantCredential> CurrentOrNewAsync(OperationContext context, int afterNumber, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var present = await db.Credentials.SingleOrDefaultAsync(c => c.TenantId == context.TenantId && c.IsCurrent, cancellationToken);
        if (present is not null && present.Number > afterNumber)
        {
            return present;
        }

        if (present is not null)
        {
            db.Credentials.Remove(present);
        }

        var number = afterNumber + 1;
        var credential = connections.Create(context.TenantId, number, isCurrent: true, time.GetUtcNow());
        db.Credentials.Add(credential);
        await context.CommitAsync(db, [], cancellationToken);
        return credential;
    }

    private static async Task<string> DatabaseNameAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await db.Databases.Where(d => d.TenantId == context.TenantId).Select(d => d.Name).SingleAsync(cancellationToken);
    }

    private static async Task<Guid> DatabaseIdAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await db.Databases.Where(d => d.TenantId == context.TenantId).Select(d => d.Id).SingleAsync(cancellationToken);
    }
}
