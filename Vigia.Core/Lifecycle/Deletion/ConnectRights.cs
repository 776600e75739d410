using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>
/// Restores the right of a tenant's own login roles to connect to its database, if it was lost.
/// </summary>
internal static class ConnectRights
{
    /// <summary>
    /// Grants CONNECT on <paramref name="database"/>, which must have <paramref name="marker"/>, to every login role of
    /// the operation's tenant that carries the tenant's marker. <paramref name="session"/> is a maintenance session.
    /// </summary>
    public static async Task RestoreAsync(
        OperationContext context, NpgsqlConnection session, Guid masterId, string marker, string database,
        CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var roles = await db.Set<TenantCredential>().Where(c => c.TenantId == context.TenantId).Select(c => c.RoleName)
            .ToListAsync(cancellationToken);
        foreach (var role in roles)
        {
            if (await RoleDdl.IsOursAsync(
                session, role, DatabaseMarker.ForRole(masterId, context.TenantId), cancellationToken))
            {
                await RoleDdl.GrantConnectAsync(session, role, database, marker, cancellationToken);
            }
        }
    }
}
