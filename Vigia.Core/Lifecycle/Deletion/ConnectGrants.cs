using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>
/// Restores the right of a tenant's own login roles to connect to its database, if it was lost.
/// </summary>
internal static class ConnectGrants
{
    /// <summary>
    /// Grants CONNECT on <paramref name="database"/>, which must have <paramref name="marker"/>, to every login role of
    /// that database which is ours. <paramref name="session"/> is a maintenance session.
    /// </summary>
    public static async Task RestoreAsync(
        OperationContext context, NpgsqlConnection session, Guid masterId, string marker, string database,
        CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var id = DatabaseMarker.DatabaseIdOf(marker);
        var credentials = await db.Set<TenantCredential>().AsNoTracking().Where(c => c.DatabaseId == id)
            .ToListAsync(cancellationToken);
        foreach (var credential in credentials)
        {
            if (await RoleDdl.IsOursAsync(
                session, credential.RoleName, DatabaseMarker.ForRole(masterId, credential.Id), cancellationToken))
            {
                await RoleDdl.GrantConnectAsync(session, credential.RoleName, database, marker, cancellationToken);
            }
        }
    }
}
