using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.OutsideRoles;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>
/// The steps that take a tenant's database out of the trash. The request has already reserved the names; the steps
/// rename the database back and open it.
/// </summary>
internal sealed class RestoreSteps(
    RestoredDatabase database, DatabaseClosing closing, OutsideAccess access, MasterIdentity identity)
{
    public Task RenameAsync(OperationContext context, CancellationToken cancellationToken) =>
        database.OnDatabaseAsync(context, async (session, marker, found, tenant) =>
        {
            if (found == tenant.DatabaseName)
            {
                return;
            }

            if (await DatabaseDdl.DescribeAsync(session, tenant.DatabaseName!, cancellationToken) is not null)
            {
                throw new RuleException("database_exists_not_ours", tenant.DatabaseName!);
            }

            await closing.RenameAsync(session, marker, found, tenant.DatabaseName!, cancellationToken);
        }, cancellationToken);

    public Task RenameToTrashAsync(OperationContext context, CancellationToken cancellationToken) =>
        database.UndoAsync(context, async (session, marker, found, _) =>
        {
            var target = DatabaseMarker.TrashNameOf(marker);
            if (found != target)
            {
                await DatabaseDdl.BlockAsync(session, marker, found, cancellationToken);
                await closing.RenameAsync(session, marker, found, target, cancellationToken);
            }
        }, cancellationToken);

    public Task OpenAsync(OperationContext context, CancellationToken cancellationToken) =>
        database.OnDatabaseAsync(context, async (session, marker, found, _) =>
        {
            // The portal may have been stopped while it had the database open only for itself (RoleRemoval). The
            // tenant's roles have not been able to connect since then.
            await ConnectGrants.RestoreAsync(context, session, identity.MasterId, marker, found, cancellationToken);
            await DatabaseDdl.AllowAsync(session, marker, found, cancellationToken);
            await access.OpenAsync(
                context, session, DatabaseMarker.DatabaseIdOf(marker), found, isReturned: true, cancellationToken);
        }, cancellationToken);

    public Task BlockAsync(OperationContext context, CancellationToken cancellationToken) =>
        database.UndoAsync(context, async (session, marker, found, _) =>
        {
            await access.CloseAsync(session, found, marker, cancellationToken);
            await DatabaseDdl.BlockAsync(session, marker, found, cancellationToken);
        }, cancellationToken);
}
