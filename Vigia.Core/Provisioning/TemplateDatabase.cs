using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Databases;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.TenantDatabase;

namespace Vigia.Core.Provisioning;

/// <summary>
/// The database that new tenants are cloned from: migrated once to the schema of this build, closed to everybody. Its name carries the
/// schema version, so that builds of a rolling upgrade have one each, and this master's short id, because two masters may share a server.
/// </summary>
internal sealed class TemplateDatabase(IDbContextFactory<MasterContext> contexts, MasterIdentity identity, ServerConnections servers, TimeProvider time)
{
    // Only a server that is very busy lets one wait for a lock in a database that nobody else knows.
    private static readonly TimeSpan NobodyIsThere = TimeSpan.FromMinutes(1);

    /// <summary>The name of this build's template.</summary>
    public string Name => $"vigia_template_v{TenantSchema.HeadVersion}_{identity.ShortId}";

    /// <summary>Makes the template where it is missing.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> EnsureAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var serverId = context.Operation.ServerId;
        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);

        // Builders wait for each other; the lock is the session's and ends with it, also when the process is killed.
        await using (var wait = new NpgsqlCommand("SELECT pg_advisory_lock(hashtextextended($1, 0))", session) { Parameters = { new() { Value = Name } } })
        {
            await wait.ExecuteNonQueryAsync(cancellationToken);
        }

        var database = await ReserveAsync(serverId, cancellationToken);
        var marker = DatabaseMarker.ForDatabase(identity.MasterId, database.Id);
        if (await DatabaseDdl.FindByMarkerAsync(session, marker, cancellationToken) is null)
        {
            await BuildAsync(context, session, database, marker, cancellationToken);
        }

        return Name;
    }

    private async Task BuildAsync(OperationContext context, NpgsqlConnection session, ManagedDatabase database, string marker, CancellationToken cancellationToken)
    {
        // A half-built one has no marker and is begun again.
        var unfinished = DatabaseSteps.UnfinishedName(database);
        await DatabaseDdl.DropUnclaimedAsync(session, unfinished, cancellationToken);
        await RoleDdl.EnsureTenantGroupAsync(session, cancellationToken);
        await DatabaseDdl.CreateEmptyAsync(session, unfinished, cancellationToken);
        await using (var inside = await context.OpenDatabaseAsync(unfinished, cancellationToken))
        {
            await TenantSchema.MigrateAsync(inside, NobodyIsThere, cancellationToken);
        }

        // The rename waits for the session that has just ended (up to 5 s, PostgreSQL's own patience).
        await DatabaseDdl.ClaimAsync(session, unfinished, Name, marker, allowConnections: false, cancellationToken);
    }

    private async Task<ManagedDatabase> ReserveAsync(int serverId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var database = await db.Databases.SingleOrDefaultAsync(d => d.ServerId == serverId && d.Name == Name, cancellationToken);
        if (database is null)
        {
            database = new ManagedDatabase { ServerId = serverId, Name = Name, Kind = DatabaseKind.Template, SchemaVersion = TenantSchema.HeadVersion, CreatedAt = time.GetUtcNow() };
            db.Databases.Add(database);
            await db.SaveChangesAsync(cancellationToken);
        }

        return database;
    }
}
