using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Audit;
using Vigia.Core.Configuration;
using Vigia.Core.Databases;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Tenancy;
using Vigia.Core.TenantDatabase;
using Vigia.Core.Tenants;

namespace Vigia.Core.Fleet;

/// <summary>What an operation on the schema was asked for.</summary>
/// <param name="Target">The version of the build that asked. In a rolling upgrade an older instance leaves the work to a newer one.</param>
internal sealed record SchemaTarget(int Target)
{
    private static readonly TimeSpan AnotherMayTakeIt = TimeSpan.FromSeconds(5);

    /// <exception cref="NotYetException">This build is older than the one that asked.</exception>
    public static void DemandReached(OperationContext context)
    {
        if (context.Data<SchemaTarget>().Target > TenantSchema.HeadVersion)
        {
            throw new NotYetException(new Message("schema_needs_newer_portal"), AnotherMayTakeIt);
        }
    }
}

/// <summary>Brings one existing tenant's database to head and writes what the database says, not what was meant, into the registry.</summary>
internal sealed class SchemaSteps(TenantConnections connections, MasterIdentity identity, IOptions<SchemaOptions> options, TimeProvider time)
{
    public async Task MigrateAsync(OperationContext context, CancellationToken cancellationToken)
    {
        SchemaTarget.DemandReached(context);
        var database = await DemandReadyAsync(context, cancellationToken);
        await BringUpAsync(context, database.Name, DatabaseMarker.ForDatabase(identity.MasterId, database.Id), cancellationToken);
    }

    /// <summary>Migrates the database; wherever it ends, the registry says where that is.</summary>
    public async Task BringUpAsync(OperationContext context, string name, string marker, CancellationToken cancellationToken)
    {
        await using var session = await OpenAsync(context, name, marker, cancellationToken);
        await RecordAsync(context, await TenantSchema.GetVersionAsync(session, cancellationToken), cancellationToken);
        try
        {
            await TenantSchema.MigrateAsync(session, options.Value.LockTimeout, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException && session.State == System.Data.ConnectionState.Open)
        {
            await RecordAsync(context, await TenantSchema.GetVersionAsync(session, cancellationToken), cancellationToken);
            throw;
        }

        await TenantSchema.VerifyTablesAsync(session, cancellationToken);
        await RecordAsync(context, TenantSchema.HeadVersion, cancellationToken);
    }

    /// <summary>Proves that the tenant's own role finds the new schema; the registry's word is the database's.</summary>
    /// <exception cref="RuleException"><c>schema_not_reached</c>.</exception>
    public async Task CheckAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var database = await DemandReadyAsync(context, cancellationToken);
        await using var session = await connections.OpenAsync(context.TenantId, database.Name, cancellationToken);
        var version = await TenantSchema.GetVersionAsync(session, cancellationToken);
        await using var read = new NpgsqlCommand("SELECT count(*) FROM public.users", session);
        await read.ExecuteScalarAsync(cancellationToken);
        await RecordAsync(context, version, cancellationToken);
        if (version != TenantSchema.HeadVersion)
        {
            throw new RuleException("schema_not_reached", Text(version), Text(TenantSchema.HeadVersion));
        }
    }

    /// <summary>A cancel leaves the database where it is, and the registry says where.</summary>
    public async Task RecordAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var ready = await db.Tenants.AnyAsync(t => t.Id == context.TenantId && t.State == TenantState.Ready, cancellationToken);
        if (ready && await db.Databases.AsNoTracking().SingleOrDefaultAsync(d => d.TenantId == context.TenantId, cancellationToken) is { } database)
        {
            await using var session = await OpenAsync(context, database.Name, DatabaseMarker.ForDatabase(identity.MasterId, database.Id), cancellationToken);
            await RecordAsync(context, await TenantSchema.GetVersionAsync(session, cancellationToken), cancellationToken);
        }
    }

    private async Task RecordAsync(OperationContext context, int version, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.LockAsync(db, context.TenantId, cancellationToken);
        var database = await db.Databases.SingleAsync(d => d.TenantId == tenant.Id, cancellationToken);
        var before = tenant.SchemaVersion;
        if (before == version && database.SchemaVersion == version)
        {
            return;
        }

        tenant.SchemaVersion = database.SchemaVersion = version;
        database.SchemaChangedAt = time.GetUtcNow();
        await context.CommitAsync(db, before == version ? [] : [new AuditEntry("tenant.schema_migrated")
        {
            TenantId = tenant.Id,
            Ruc = tenant.Ruc,
            Subdomain = tenant.Subdomain,
            OperationId = context.OperationId,
            Before = new Dictionary<string, object?> { ["schema_version"] = before },
            After = new Dictionary<string, object?> { ["schema_version"] = version },
        }], cancellationToken);
    }

    private static async Task<ManagedDatabase> DemandReadyAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var state = await db.Tenants.Where(t => t.Id == context.TenantId).Select(t => (TenantState?)t.State).SingleOrDefaultAsync(cancellationToken);
        if (SchemaRules.WhyNot(state, await db.Trash.AnyAsync(t => t.Id == context.TenantId, cancellationToken)) is { } why)
        {
            throw new RuleException(why);
        }

        return await db.Databases.AsNoTracking().SingleAsync(d => d.TenantId == context.TenantId, cancellationToken);
    }

    private static async Task<NpgsqlConnection> OpenAsync(OperationContext context, string name, string marker, CancellationToken cancellationToken)
    {
        NpgsqlConnection session;
        try
        {
            session = await context.OpenDatabaseAsync(name, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            throw new RuleException("database_missing", name);
        }

        try
        {
            await DatabaseDdl.DemandInsideAsync(session, marker, cancellationToken);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
