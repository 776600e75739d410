using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.Lifecycle.SchemaUpgrades;

/// <summary>
/// Upgrades an existing tenant's database to head, and writes the version found in the database to the registry.
/// </summary>
internal sealed class SchemaUpgradeSteps(
    TenantConnections connections, TenantSchemaVersions versions, TenantMigrator migrator,
    IOptions<SchemaOptions> options, TimeProvider time)
{
    public async Task MigrateAsync(OperationContext context, CancellationToken cancellationToken)
    {
        SchemaTarget.DemandReached(context, versions);
        var database = await DemandReadyAsync(context, cancellationToken);
        await UpgradeAsync(context, database.Name, cancellationToken);
    }

    /// <summary>Upgrades the database. The registry gets the version that was reached, also after an error.</summary>
    public async Task UpgradeAsync(OperationContext context, string name, CancellationToken cancellationToken)
    {
        await using var session = await context.OpenTenantDatabaseAsync(name, cancellationToken);
        await DemandOursAsync(context, session, cancellationToken);
        await RecordAsync(context, await versions.ReadAsync(session, cancellationToken), cancellationToken);
        try
        {
            await migrator.MigrateAsync(session, options.Value.LockTimeout, cancellationToken);
        }
        catch (Exception e) when (
            e is not OperationCanceledException && session.State == System.Data.ConnectionState.Open)
        {
            await RecordAsync(context, await versions.ReadAsync(session, cancellationToken), cancellationToken);
            throw;
        }

        await TenantMigrator.VerifyTablesAsync(session, cancellationToken);
        await RecordAsync(context, versions.Head, cancellationToken);
    }

    /// <summary>
    /// Checks that the tenant's own role finds the new schema, and records the version found in the database.
    /// </summary>
    /// <exception cref="RuleException"><c>schema_not_reached</c>.</exception>
    public async Task CheckAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var database = await DemandReadyAsync(context, cancellationToken);
        await using var session = await connections.OpenAsync(context.TenantId, database.Name, cancellationToken);
        var version = await versions.ReadAsync(session, cancellationToken);
        await using var read = new NpgsqlCommand("SELECT count(*) FROM public.users", session);
        await read.ExecuteScalarAsync(cancellationToken);
        await RecordAsync(context, version, cancellationToken);
        if (version != versions.Head)
        {
            throw new RuleException("schema_not_reached", Text(version), Text(versions.Head));
        }
    }

    /// <summary>After a cancellation, records the version that the database has.</summary>
    public async Task RecordAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var ready = await db.Set<Tenant>()
            .AnyAsync(t => t.Id == context.TenantId && t.State == TenantState.Ready, cancellationToken);
        if (!ready)
        {
            return;
        }

        try
        {
            await using var session = await context.OpenTenantDatabaseAsync(cancellationToken);
            await RecordAsync(context, await versions.ReadAsync(session, cancellationToken), cancellationToken);
        }
        catch (RuleException e) when (e.Reason.Code is "database_missing" or "database_not_ours" or "schema_unknown")
        {
            // There is no database of ours whose version could be recorded, and nothing to undo.
        }
    }

    // The owner of an adopted database could put other tables in the place of those that the portal made, and code on
    // their own that runs when a migration reads them.
    private static async Task DemandOursAsync(
        OperationContext context, NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        if (await Adoptions.FindAsync(db, context.TenantId, cancellationToken) is { } adoption)
        {
            var found = await SchemaReader.ReadAsync(session, cancellationToken);
            MadeObjects.Of(adoption).DemandOurs(found);
            if (TenantModel.Types.Select(t => found.Find(TenantModel.TableOf(t)))
                .FirstOrDefault(t => t is { PlannedCode: not null }) is { } table)
            {
                throw new RuleException(
                    "adopt_planned_code", $"{table.Name} ({string.Join(", ", table.PlannedCode!)})");
            }
        }
    }

    private async Task RecordAsync(OperationContext context, int version, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.LockAsync(db, context.TenantId, cancellationToken);
        var database = await OwnDatabases.Of(db, tenant.Id).SingleAsync(cancellationToken);
        var before = tenant.SchemaVersion;
        if (before == version && database.SchemaVersion == version)
        {
            return;
        }

        tenant.MarkUpgraded(version);
        database.SchemaVersion = version;
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

    private static async Task<ManagedDatabase> DemandReadyAsync(
        OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var state = await db.Set<Tenant>().Where(t => t.Id == context.TenantId).Select(t => (TenantState?)t.State)
            .SingleOrDefaultAsync(cancellationToken);
        if (SchemaRules.FindRefusal(
            state, await db.Set<TrashedTenant>().AnyAsync(t => t.Id == context.TenantId, cancellationToken)) is { } why)
        {
            throw new RuleException(why);
        }

        return await OwnDatabases.Of(db, context.TenantId).AsNoTracking().SingleAsync(cancellationToken);
    }

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
