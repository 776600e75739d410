using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Databases;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Tenants;

namespace Vigia.Core.Provisioning;

/// <summary>
/// The steps that make a tenant's database, and unmake an unfinished one. The row in <c>portal.databases</c> is committed first; until the
/// database is claimed (marked and renamed in one transaction) it has the name <c>vigia_new_{database id}</c>. The name carries the database's id
/// rather than the operation's, so that a later operation of the same client finds what an earlier one left.
/// </summary>
internal sealed class DatabaseSteps(TemplateDatabase template, MasterIdentity identity, ServerConnections servers, TimeProvider time)
{
    public async Task ReserveAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var tenant = await db.Tenants.SingleOrDefaultAsync(t => t.Id == context.TenantId, cancellationToken) ?? throw new NotFoundException("tenant_unknown");
        if (tenant.State == TenantState.Ready)
        {
            throw new RuleException("already_provisioned");
        }

        var name = new DatabaseName(tenant.DatabaseName!).Value;
        var database = await db.Databases.SingleOrDefaultAsync(d => d.TenantId == tenant.Id, cancellationToken);
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
            };
            db.Databases.Add(database);
        }

        tenant.State = TenantState.Provisioning;
        tenant.ServerId = database.ServerId;
        try
        {
            await context.CommitAsync(db, [], cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
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
        if (await DatabaseDdl.FindByMarkerAsync(session, marker, cancellationToken) is { } found && found.Name == database.Name)
        {
            return;
        }

        await DemandFreeOrOursAsync(session, database, cancellationToken);
        var unfinished = UnfinishedName(database);
        if (await DatabaseDdl.DescribeAsync(session, unfinished, cancellationToken) is null)
        {
            await DatabaseDdl.CreateFromTemplateAsync(session, unfinished, source, cancellationToken);
        }

        await DatabaseDdl.ClaimAsync(session, unfinished, database.Name, marker, allowConnections: true, cancellationToken);
    }

    /// <summary>Removes what <see cref="CreateAsync"/> made, finished or not.</summary>
    public async Task DropUnfinishedAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        if (await db.Databases.AsNoTracking().SingleOrDefaultAsync(d => d.TenantId == context.TenantId, cancellationToken) is { } database)
        {
            await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
            await DropAsync(session, database, cancellationToken);
        }
    }

    /// <summary>Drops a database of ours: by its marker wherever it is, and an unclaimed one under its own <c>vigia_new_</c> name.</summary>
    public async Task DropAsync(NpgsqlConnection session, ManagedDatabase database, CancellationToken cancellationToken)
    {
        var marker = DatabaseMarker.ForDatabase(identity.MasterId, database.Id);
        if (await DatabaseDdl.FindByMarkerAsync(session, marker, cancellationToken) is { } found)
        {
            await DatabaseDdl.DropAsync(session, marker, found.Name, cancellationToken);
        }

        await DatabaseDdl.DropUnclaimedAsync(session, UnfinishedName(database), cancellationToken);
    }

    internal static string UnfinishedName(ManagedDatabase database) => $"{DatabaseDdl.UnclaimedPrefix}{database.Id:N}";

    private static async Task<ManagedDatabase> ReadAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await db.Databases.AsNoTracking().SingleAsync(d => d.TenantId == context.TenantId, cancellationToken);
    }

    // A database under the right name without our marker is a conflict for a person, never "already there, go on" (invariant 2).
    private async Task DemandFreeOrOursAsync(NpgsqlConnection session, ManagedDatabase database, CancellationToken cancellationToken)
    {
        var marker = DatabaseMarker.ForDatabase(identity.MasterId, database.Id);
        if (await DatabaseDdl.DescribeAsync(session, database.Name, cancellationToken) is { } there && there.Marker != marker)
        {
            throw new RuleException("database_exists_not_ours", database.Name);
        }
    }
}
