using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Lifecycle.Removal;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.Lifecycle.Provisioning;

/// <summary>
/// The database that new tenant databases are cloned from: migrated once to the schema of this build, and closed to
/// everybody. Its name contains the schema version, so that each build of a rolling upgrade has its own, and this
/// master's short id, because two masters may share a server.
/// </summary>
// More than five dependencies: making the template needs the server, the schema and the master's row, under one lock.
internal sealed class TemplateDatabase(
    IDbContextFactory<MasterContext> contexts, MasterIdentity identity, ServerConnections servers,
    TenantSchemaVersions versions, EmptyDatabase empty, TimeProvider time)
{
    /// <summary>The schema version of this build.</summary>
    public int Version => versions.Head;

    /// <summary>The name of this build's template.</summary>
    public string Name => $"vigia_template_v{versions.Head}_{identity.ShortId}";

    /// <summary>Creates the template if it does not exist.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> EnsureAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var serverId = context.Operation.ServerId;
        if (await IsReadyAsync(context, serverId, cancellationToken))
        {
            return Name;
        }

        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);

        await LockAsync(session, Name, cancellationToken);
        var database = await ReserveAsync(serverId, cancellationToken);
        var marker = DatabaseMarker.ForDatabase(identity.MasterId, database.Id);
        if (await DatabaseDdl.FindByMarkerAsync(session, marker, Name, cancellationToken) is null)
        {
            await BuildAsync(context, session, database, marker, cancellationToken);
        }

        return Name;
    }

    /// <summary>
    /// Makes those who build or drop a template wait for each other. The session holds the lock, so it is released even
    /// if the process is killed.
    /// </summary>
    internal static async Task LockAsync(NpgsqlConnection session, string name, CancellationToken cancellationToken)
    {
        await using var wait = new NpgsqlCommand("SELECT pg_advisory_lock(hashtextextended($1, 0))", session)
        {
            Parameters = { new() { Value = name } },
        };
        await wait.ExecuteNonQueryAsync(cancellationToken);
    }

    // Outside the lock: the template gets marker and name in one transaction, so what has both is whole. Everybody who
    // provisions comes here.
    private async Task<bool> IsReadyAsync(
        OperationContext context, int serverId, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var id = await db.Set<ManagedDatabase>().Where(d => d.ServerId == serverId && d.Name == Name)
            .Select(d => (Guid?)d.Id).SingleOrDefaultAsync(cancellationToken);
        if (id is not { } known)
        {
            return false;
        }

        await using var catalogue = await servers.OpenCatalogueAsync(serverId, cancellationToken);
        return await DatabaseDdl.DescribeAsync(catalogue, Name, cancellationToken) is { } there
            && there.Marker == DatabaseMarker.ForDatabase(identity.MasterId, known);
    }

    private async Task BuildAsync(
        OperationContext context, NpgsqlConnection session, ManagedDatabase database, string marker,
        CancellationToken cancellationToken)
    {
        // A half-built template has no marker; it is dropped and built again.
        var unclaimed = DatabaseRemoval.UnclaimedNameOf(database);
        await DatabaseDdl.DropUnclaimedAsync(session, unclaimed, cancellationToken);
        await RoleDdl.EnsureTenantGroupAsync(session, cancellationToken);
        await empty.MakeAsync(context, session, unclaimed, cancellationToken);

        // The rename waits for the session that has just ended (up to 5 s, a limit of PostgreSQL).
        await DatabaseDdl.ClaimAsync(session, unclaimed, Name, marker, allowConnections: false, cancellationToken);
    }

    private async Task<ManagedDatabase> ReserveAsync(int serverId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var database = await db.Set<ManagedDatabase>()
            .SingleOrDefaultAsync(d => d.ServerId == serverId && d.Name == Name, cancellationToken);
        if (database is null)
        {
            database = new ManagedDatabase
            {
                ServerId = serverId, Name = Name, Kind = DatabaseKind.Template,
                SchemaVersion = versions.Head, CreatedAt = time.GetUtcNow()
            };
            db.Set<ManagedDatabase>().Add(database);
            await db.SaveChangesAsync(cancellationToken);
        }

        return database;
    }
}
