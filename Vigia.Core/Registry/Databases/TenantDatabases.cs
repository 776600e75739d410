using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Registry.Databases;

/// <summary>
/// Decides whether a database is the one that the portal made for a tenant. A database loses its marker when it is
/// dropped and restored from a dump, because a dump without <c>--create</c> contains no property of the database
/// itself. Such a tenant goes from <c>ready</c> to <c>unmanaged</c>.
/// </summary>
public sealed partial class TenantDatabases(
    IDbContextFactory<MasterContext> contexts, AuditTrail audit, MasterIdentity identity, ServerConnections servers,
    ILogger<TenantDatabases> logger)
{
    /// <summary>Reads the row of the tenant's own database.</summary>
    /// <exception cref="RuleException"><c>tenant_unmanaged</c>: the portal made no database for the tenant.</exception>
    public async Task<ManagedDatabase> GetAsync(int tenantId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await OwnDatabases.Of(db, tenantId).AsNoTracking().SingleOrDefaultAsync(cancellationToken)
            ?? throw new RuleException("tenant_unmanaged");
    }

    /// <exception cref="RuleException"><c>read_only</c>: this master may be a copy.</exception>
    internal void DemandWritable() => identity.DemandWritable();

    /// <summary>Returns the marker that the database must carry.</summary>
    public string MarkerOf(ManagedDatabase database) => DatabaseMarker.ForDatabase(identity.MasterId, database.Id);

    /// <summary>
    /// Throws unless the session, of whatever role, is in the tenant's own database. A tenant whose database lost its
    /// marker becomes unmanaged.
    /// </summary>
    /// <param name="session">The session that is about to act.</param>
    /// <param name="tenantId">The tenant that the session is meant for.</param>
    /// <param name="operationId">The operation that checks. Null for a page.</param>
    /// <exception cref="DatabaseConflictException"><c>database_not_ours</c>.</exception>
    public async Task DemandInsideAsync(
        NpgsqlConnection session, int tenantId, Guid? operationId, CancellationToken cancellationToken)
    {
        var database = await GetAsync(tenantId, cancellationToken);
        await DemandInsideAsync(session, database.Id, operationId, cancellationToken);
    }

    /// <summary>
    /// Throws unless the session, of whatever role, is in this database. When it is the own database of a tenant and
    /// has lost its marker, the tenant becomes unmanaged.
    /// </summary>
    /// <inheritdoc cref="DemandInsideAsync(NpgsqlConnection, int, Guid?, CancellationToken)"/>
    public async Task DemandInsideAsync(
        NpgsqlConnection session, Guid databaseId, Guid? operationId, CancellationToken cancellationToken)
    {
        var found = await DatabaseDdl.MarkerInsideAsync(session, cancellationToken);
        if (found == DatabaseMarker.ForDatabase(identity.MasterId, databaseId))
        {
            return;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await OwnDatabases.Of(db).Where(d => d.Id == databaseId).Select(d => d.TenantId)
            .SingleOrDefaultAsync(cancellationToken) is { } tenantId)
        {
            await RecordLossAsync(tenantId, operationId, null, cancellationToken);
        }

        throw new DatabaseConflictException("database_not_ours", session.Database ?? "-", found ?? "-");
    }

    /// <summary>Finds the tenant's database by its marker, whatever its name.</summary>
    /// <exception cref="DatabaseConflictException"><c>database_not_ours</c>: another database, or one without a
    /// marker, is under its name.</exception>
    /// <exception cref="RuleException"><c>database_missing</c>.</exception>
    public async Task<DatabaseDescription> FindAsync(
        NpgsqlConnection session, int tenantId, Guid? operationId, CancellationToken cancellationToken)
    {
        var database = await GetAsync(tenantId, cancellationToken);
        if (await DatabaseDdl.FindByMarkerAsync(
            session, MarkerOf(database), database.Name, cancellationToken) is { } found)
        {
            return found;
        }

        if (await DatabaseDdl.DescribeAsync(session, database.Name, cancellationToken) is not { } other)
        {
            throw new RuleException("database_missing", database.Name);
        }

        await RecordLossAsync(tenantId, operationId, null, cancellationToken);
        throw new DatabaseConflictException("database_not_ours", other.Name, other.Marker ?? "-");
    }

    /// <summary>
    /// Checks the server's catalogue. When the database with the tenant's name does not carry the portal's marker, the
    /// tenant becomes unmanaged.
    /// </summary>
    /// <param name="operationId">The operation that checks. Null for a page.</param>
    /// <param name="wasActive">
    /// For an operation that deletes the tenant: whether the tenant was active before. Null for all other callers,
    /// which do not change a tenant that is being deleted.
    /// </param>
    /// <returns>
    /// Whether the marker is lost. False also when no database has that name: a missing database is a status of its
    /// own.
    /// </returns>
    public async Task<bool> RecordLossAsync(
        int tenantId, Guid? operationId, bool? wasActive, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var (lost, state) = await InspectAsync(db, tenantId, cancellationToken);
        if (!lost || !MayBecomeUnmanaged(state, wasActive) || identity.ReadOnly is not null)
        {
            // The row is locked only when it must be changed, because a step that verifies a new tenant holds its lock.
            return lost;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.FindAndLockAsync(db, tenantId, cancellationToken);

        // The first check was made before the row was locked, and somebody may have reclaimed the database since.
        if (tenant is null || !MayBecomeUnmanaged(tenant.State, wasActive)
            || !(await InspectAsync(db, tenantId, cancellationToken)).Lost)
        {
            return lost;
        }

        tenant.MarkUnmanaged(wasActive);
        await audit.CommitAsync(db, Actor.System, new AuditEntry("tenant.unmanaged")
        {
            TenantId = tenant.Id, Ruc = tenant.Ruc, Subdomain = tenant.Subdomain, OperationId = operationId,
            After = new Dictionary<string, object?>
            { ["db_name"] = tenant.DatabaseName, ["is_active"] = tenant.IsActive },
        }, cancellationToken);
        LogUnmanaged(logger, tenant.Id, tenant.DatabaseName ?? "-");
        return true;
    }

    private static bool MayBecomeUnmanaged(TenantState? state, bool? wasActive) => state == TenantState.Ready
        || (state == TenantState.Deleting && wasActive is not null);

    private async Task<(bool Lost, TenantState? State)> InspectAsync(
        MasterContext db, int tenantId, CancellationToken cancellationToken)
    {
        if (await OwnDatabases.Of(db, tenantId).AsNoTracking().SingleOrDefaultAsync(cancellationToken)
            is not { } database)
        {
            return (false, null);
        }

        var state = await db.Set<Tenant>().Where(t => t.Id == tenantId).Select(t => (TenantState?)t.State)
            .SingleOrDefaultAsync(cancellationToken);
        await using var catalogue = await servers.OpenCatalogueAsync(database.ServerId, cancellationToken);
        var found = await DatabaseDdl.DescribeAsync(catalogue, database.Name, cancellationToken);
        return (found is not null && found.Marker != MarkerOf(database), state);
    }

    [LoggerMessage(Level = LogLevel.Error,
        Message = "Database {Database} of tenant {Tenant} no longer carries this portal's marker")]
    private static partial void LogUnmanaged(ILogger logger, int tenant, string database);
}
