using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Removal;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Provisioning;

/// <summary>
/// The steps that create a tenant's database, and undo an unfinished one. The row in <c>portal.databases</c> is
/// committed first. Until the database is claimed (marked and renamed in one transaction) its name is
/// <c>vigia_new_{database id}</c>. The name contains the database's id, not the operation's, so that a later operation
/// on the same tenant finds what an earlier one left.
/// </summary>
internal sealed class DatabaseSteps(
    TemplateDatabase template, DatabaseRemoval removal, MasterIdentity identity, ServerConnections servers,
    TimeProvider time)
{
    public async Task ReserveAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var locked = await LockedTenant.LockAsync(db, context.TenantId, cancellationToken);
        if (locked is { Registered.State: TenantState.Ready, Trashed: null })
        {
            throw new RuleException("already_provisioned");
        }

        ProvisioningDecision.DemandProvisioning(locked);
        var tenant = locked.Registered!;
        var name = new DatabaseName(tenant.DatabaseName!).Value;
        var database = await OwnDatabases.Of(db, tenant.Id).SingleOrDefaultAsync(cancellationToken);
        if (database is null)
        {
            database = new ManagedDatabase
            {
                Name = name,
                ServerId = context.Operation.ServerId,
                Kind = DatabaseKind.Tenant,
                TenantId = tenant.Id,
                OperationId = context.OperationId,
                CreatedAt = time.GetUtcNow(),
                EverInProduction = false,
            };
            db.Set<ManagedDatabase>().Add(database);
        }
        else if (database.DropBegunAt is not null)
        {
            throw new RuleException("undo_begun");
        }

        tenant.PlaceOn(database.ServerId);
        try
        {
            await context.CommitAsync(db, [], cancellationToken);
        }
        catch (DbUpdateException e) when (
            e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            throw new RuleException("database_name_taken", name);
        }

        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        await DemandFreeOrOursAsync(session, database, cancellationToken);
    }

    public async Task CreateAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var database = await ReadAsync(context, cancellationToken);
        var marker = DatabaseMarker.ForDatabase(identity.MasterId, database.Id);
        var source = await template.EnsureAsync(context, cancellationToken);
        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        if (await DatabaseDdl.DescribeAsync(session, database.Name, cancellationToken) is { } made
            && made.Marker == marker)
        {
            return;
        }

        // Another name is possible only when an earlier run made the database. Then two with one marker would follow.
        if ((database.OperationId != context.OperationId || context.Operation.Epoch > 1)
            && await DatabaseDdl.FindByMarkerAsync(session, marker, cancellationToken) is { } moved)
        {
            throw new DatabaseConflictException("database_marked_elsewhere", database.Name, moved.Name);
        }

        await DemandFreeOrOursAsync(session, database, cancellationToken);
        var unclaimed = DatabaseRemoval.UnclaimedNameOf(database);
        if (await DatabaseDdl.DescribeAsync(session, unclaimed, cancellationToken) is null)
        {
            await DatabaseDdl.CreateFromTemplateAsync(session, unclaimed, source, cancellationToken);
        }

        await DatabaseDdl.ClaimAsync(
            session, unclaimed, database.Name, marker, allowConnections: true, cancellationToken);
    }

    /// <summary>Drops what <see cref="CreateAsync"/> created, finished or not.</summary>
    public async Task DropUnfinishedAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (await ProvisioningDecision.BeginDropAsync(context, time, cancellationToken) is { } database)
        {
            await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
            await removal.DropAsync(session, database, cancellationToken);
        }
    }

    private static async Task<ManagedDatabase> ReadAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await OwnDatabases.Of(db, context.TenantId).AsNoTracking().SingleAsync(cancellationToken);
    }

    // A database with this name but without our marker needs a person. See docs/rules.md#only-our-databases.
    private async Task DemandFreeOrOursAsync(
        NpgsqlConnection session, ManagedDatabase database, CancellationToken cancellationToken)
    {
        var marker = DatabaseMarker.ForDatabase(identity.MasterId, database.Id);
        if (await DatabaseDdl.DescribeAsync(session, database.Name, cancellationToken) is { } there
            && there.Marker != marker)
        {
            throw new RuleException("database_exists_not_ours", database.Name);
        }
    }
}
