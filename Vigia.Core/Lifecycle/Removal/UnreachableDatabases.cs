using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Servers;

namespace Vigia.Core.Lifecycle.Removal;

/// <summary>
/// Finds databases of ours that list a role and that stay closed, as opposed to those that are closed for moments. Only
/// a person can open them, so that the role's rights inside can be revoked.
/// </summary>
internal static class UnreachableDatabases
{
    /// <summary>
    /// Finds databases that the portal can't open and that no operation is about to open or drop.
    /// <paramref name="databases"/> are the names of databases that list the role; those that are not ours, or gone,
    /// are left out. <paramref name="session"/> is a maintenance session.
    /// </summary>
    /// <returns>A message for each, with the statement that a person can run.</returns>
    public static async Task<IReadOnlyList<Message>> FindAsync(
        OperationContext context, NpgsqlConnection session, IEnumerable<string> databases, Guid masterId,
        CancellationToken cancellationToken)
    {
        var stay = new List<Message>();
        foreach (var name in databases)
        {
            if (await DatabaseDdl.DescribeAsync(session, name, cancellationToken) is not { Marker: { } marker } found
                || !DatabaseMarker.IsDatabase(marker, masterId))
            {
                continue;
            }

            // A database in the trash is opened for the portal alone.
            var isHalfDropped = found.ConnectionLimit == DatabaseDdl.UnfinishedDrop;
            if (!isHalfDropped && (found.AllowsConnections || name == DatabaseMarker.TrashNameOf(marker)))
            {
                continue;
            }

            await using var db = await context.OpenMasterAsync(cancellationToken);
            var id = DatabaseMarker.DatabaseIdOf(marker);
            var row = await db.Set<ManagedDatabase>().AsNoTracking()
                .SingleOrDefaultAsync(d => d.Id == id, cancellationToken);
            if (row?.TenantId is { } tenant && await IsMovingAsync(context, tenant, cancellationToken))
            {
                continue;
            }

            // A missing template is built again. A template in which somebody has worked must not be cloned.
            var quoted = SqlIdentifier.Quote(name);
            var statement = isHalfDropped || row is { Kind: DatabaseKind.Template }
                ? $"DROP DATABASE {quoted};"
                : $"ALTER DATABASE {quoted} ALLOW_CONNECTIONS true;";
            stay.Add(new Message(
                isHalfDropped ? DatabaseHolders.HalfDropped : "holder_closed_database", DatabaseHolders.Anywhere,
                statement, name));
        }

        return stay;
    }

    // An operation that waits for a person, or has failed, will not open or drop anything.
    private static async Task<bool> IsMovingAsync(
        OperationContext context, int tenant, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await db.Set<Operation>().AnyAsync(
            o => o.TenantId == tenant && o.Id != context.OperationId && (o.State == OperationState.Queued
                || o.State == OperationState.Running || o.State == OperationState.Cancelling),
            cancellationToken);
    }
}
