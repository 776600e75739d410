using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.Lifecycle.Adoption;

/// <summary>
/// Adds to an adopted database what is missing. Its sessions trust only PostgreSQL's own catalogue, so that no operator
/// or function of the database's owner runs with the portal's rights.
/// </summary>
internal sealed class AdoptionContent(
    TenantDatabases databases, TenantSchemaVersions versions, IOptions<SchemaOptions> schema, TimeProvider time)
{
    /// <summary>The tables that the adoption makes or made.</summary>
    public static IReadOnlyList<TableDescription> TablesAdded(AdoptionBefore before) =>
        [.. TenantBlueprint.Head.Tables.Where(t => before.Schema.Find(t.Name) is null)];

    /// <summary>The columns that it adds to tables which were there before.</summary>
    public static IReadOnlyList<(string Table, ColumnDescription Column)> ColumnsAdded(AdoptionBefore before) =>
    [
        .. from table in TenantBlueprint.Head.Tables
           let there = before.Schema.Find(table.Name)
           where there is not null
           from column in table.Columns
           where there.Find(column.Name) is null
           select (table.Name, column),
    ];

    /// <summary>Opens a fenced session in the tenant's database that trusts only the catalogue.</summary>
    public async Task<NpgsqlConnection> OpenAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var session = await context.OpenTenantDatabaseAsync(cancellationToken);
        try
        {
            await SchemaReader.TrustOnlyCatalogueAsync(session, cancellationToken);

            // A policy that hides rows causes an error: a table must not be dropped because its rows were hidden.
            await using var timeout = new NpgsqlCommand(
                "SELECT set_config('lock_timeout', $1, false), set_config('row_security', 'off', false)", session)
            {
                Parameters =
                {
                    new()
                    {
                        Value = string.Create(
                            CultureInfo.InvariantCulture, $"{(long)schema.Value.LockTimeout.TotalMilliseconds}ms"),
                    },
                },
            };
            await timeout.ExecuteNonQueryAsync(cancellationToken);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads the migrations that the history of the database names, before it is marked.</summary>
    public async Task<IReadOnlyList<string>> ReadMigrationsAsync(
        OperationContext context, string database, AdoptionFindings found, CancellationToken cancellationToken)
    {
        if (found.Schema!.Find(TenantBlueprint.History) is null)
        {
            return [];
        }

        await using var session = await context.OpenUncheckedAsync(database, cancellationToken);
        await SchemaReader.TrustOnlyCatalogueAsync(session, cancellationToken);
        var migrations = await ReadMigrationsAsync(session, cancellationToken);
        if (migrations.Count > 0 && versions.FindVersion(migrations.Max(StringComparer.Ordinal)!) > versions.Head)
        {
            throw new RuleException("schema_newer");
        }

        return migrations;
    }

    /// <summary>
    /// Adds tables, columns, functions, triggers of new tables, rights and the baseline of the migrations. One
    /// transaction, so that nobody sees a part.
    /// </summary>
    public async Task AddMissingAsync(
        OperationContext context, TenantAdoption adoption, CancellationToken cancellationToken)
    {
        var before = AdoptionBefore.Of(adoption);
        var marker = databases.MarkerOf(await databases.GetAsync(context.TenantId, cancellationToken));
        await using var session = await OpenAsync(context, cancellationToken);
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        var inside = await DemandNoForeignCodeAsync(session, cancellationToken);
        if (before.Schema.Find(TenantBlueprint.History) is not null)
        {
            // The lock keeps others from changing the table between the check of its triggers and the insert.
            await MasterDatabase.ExecuteAsync(
                session, $"LOCK TABLE {SchemaDdl.Qualified(TenantBlueprint.History)} IN SHARE ROW EXCLUSIVE MODE",
                cancellationToken);
        }

        var found = await SchemaReader.ReadAsync(session, cancellationToken);
        var plan = new AdoptionPlan(TenantBlueprint.Head, before.Schema, found);
        AdoptionRules.Demand(plan);
        await MakeTablesAsync(session, plan, cancellationToken);
        await SchemaDdl.ExecuteAsync(
            session, plan.MissingColumns.SelectMany(c => SchemaDdl.AddColumn(
                c.Table, c.Column, TenantBlueprint.ReadByPortal.Contains(c.Table))), cancellationToken);
        await SchemaDdl.ExecuteAsync(
            session, plan.MissingFunctions.SelectMany(SchemaDdl.CreateFunction), cancellationToken);
        await SchemaDdl.ExecuteAsync(
            session, plan.TriggersNow.SelectMany(t => SchemaDdl.CreateTrigger(t.Table, t.Trigger)), cancellationToken);
        await GrantAsync(session, marker, inside.PublicMayCreate, cancellationToken);
        await WriteBaselineAsync(session, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>
    /// Writes the limits of the registry, if the table is the adoption's own. An older row is not changed: then the
    /// completion applies the limits.
    /// </summary>
    /// <returns>The tenant whose limits were written, whether they were, and the version of the schema.</returns>
    public async Task<(Tenant Tenant, bool Applied, int Version)> ApplyLimitsAsync(
        OperationContext context, TenantAdoption adoption, CancellationToken cancellationToken)
    {
        Tenant tenant;
        await using (var db = await context.OpenMasterAsync(cancellationToken))
        {
            tenant = await db.Set<Tenant>().AsNoTracking()
                .SingleAsync(t => t.Id == context.TenantId, cancellationToken);
        }

        await using var session = await OpenAsync(context, cancellationToken);
        var ours = AdoptionBefore.Of(adoption).Schema.Find("tenant_limits") is null;
        if (ours)
        {
            await TenantContentSteps.ApplyLimitsAsync(session, tenant, time, cancellationToken);
        }

        return (tenant, ours, await versions.ReadAsync(session, cancellationToken));
    }

    /// <summary>Demands that no code of others runs when an object is made or dropped.</summary>
    /// <exception cref="RuleException"><c>adopt_event_triggers</c>.</exception>
    public static async Task<DatabaseInsideFacts> DemandNoForeignCodeAsync(
        NpgsqlConnection session, CancellationToken cancellationToken)
    {
        var inside = await DatabaseInsideFacts.ReadAsync(session, cancellationToken)
            ?? throw new RuleException("adopt_not_vigia", session.Database ?? "-");
        return inside.EventTriggers.Count == 0 ? inside
            : throw new RuleException("adopt_event_triggers", string.Join(", ", inside.EventTriggers));
    }

    public static async Task<IReadOnlyList<string>> ReadMigrationsAsync(
        NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""SELECT "MigrationId"::text FROM {SchemaDdl.Qualified(TenantBlueprint.History)} ORDER BY 1""", session);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(reader.GetString(0));
        }

        return found;
    }

    private static async Task MakeTablesAsync(
        NpgsqlConnection session, AdoptionPlan plan, CancellationToken cancellationToken)
    {
        foreach (var table in plan.MissingTables)
        {
            await MasterDatabase.ExecuteAsync(session, SchemaDdl.CreateTable(table), cancellationToken);
            await SchemaDdl.ExecuteAsync(
                session, table.Constraints.Where(c => c.Kind != "f")
                    .Select(c => SchemaDdl.AddConstraint(table.Name, c, c.Kind == "c" || !plan.IsTaken(c.Name))),
                cancellationToken);
            await SchemaDdl.ExecuteAsync(
                session, table.Indexes.Where(i => !plan.IsTaken(i.Name)).Select(i => i.Definition), cancellationToken);
            foreach (var row in table.Seeds)
            {
                await SchemaDdl.InsertAsync(session, table, row, cancellationToken);
            }
        }

        await SchemaDdl.ExecuteAsync(
            session, plan.ForeignKeys.Select(k => SchemaDdl.AddConstraint(k.Table, k.Key)), cancellationToken);
    }

    private static async Task GrantAsync(
        NpgsqlConnection session, string marker, bool publicMayCreate, CancellationToken cancellationToken)
    {
        await SchemaDdl.ExecuteAsync(
            session, AdoptionDdl.OpenSchema(marker, publicMayCreate), cancellationToken);
        var found = await SchemaReader.ReadAsync(session, cancellationToken);
        foreach (var table in TenantBlueprint.Head.Tables)
        {
            var there = found.Find(table.Name)!;
            await SchemaDdl.ExecuteAsync(session, SchemaDdl.Grant(table), cancellationToken);
            if (table.Sequences.Any(s => s.IsReadable))
            {
                await SchemaDdl.ExecuteAsync(
                    session, SchemaDdl.GrantSequences(there, table.Grants.Any(g => g.Privilege == "INSERT")),
                    cancellationToken);
            }
        }
    }

    // The database has everything that these migrations make, so they never run in it.
    private static async Task WriteBaselineAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        var known = await ReadMigrationsAsync(session, cancellationToken);
        var head = TenantBlueprint.Head.Find(TenantBlueprint.History)!;
        foreach (var row in head.Seeds.Where(r => !known.Contains(r.GetProperty("MigrationId").GetString()!)))
        {
            await SchemaDdl.InsertAsync(session, head, row, cancellationToken);
        }
    }
}
