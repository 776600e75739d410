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
    // A trigger of the first one writes into the second one.
    private static readonly string[] WrittenWithLimits = ["tenant_limits", "tenant_usage"];

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

    /// <summary>
    /// Opens a fenced session in the tenant's database that trusts only the catalogue, and waits for a lock as long as
    /// a migration does.
    /// </summary>
    public async Task<NpgsqlConnection> OpenAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var session = await context.OpenTenantDatabaseAsync(cancellationToken);
        try
        {
            await using var timeout = new NpgsqlCommand("SELECT set_config('lock_timeout', $1, false)", session)
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
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        await MasterDatabase.ExecuteAsync(session, "SET LOCAL lock_timeout = '5s'", cancellationToken);
        await SchemaDdl.LockAsync(session, [(TenantBlueprint.History, TableLock.RowExclusive)], cancellationToken);
        var now = await SchemaReader.ReadAsync(session, cancellationToken);
        AdoptionRules.DemandPlain(new AdoptionPlan(TenantBlueprint.Head, now, now), [TenantBlueprint.History]);
        var migrations = await ReadMigrationsAsync(session, cancellationToken);
        if (migrations.Count > 0 && versions.FindVersion(migrations.Max(StringComparer.Ordinal)!) > versions.Head)
        {
            throw new RuleException("schema_newer");
        }

        return migrations;
    }

    /// <summary>
    /// Adds tables, columns, functions, triggers of new tables, rights and the baseline of the migrations. One
    /// transaction, so that nobody sees a part. The master has the list of all of it before it is made.
    /// </summary>
    /// <exception cref="RuleException"><c>adopt_appeared</c>; those of <see cref="AdoptionRules.Demand"/>.</exception>
    public async Task AddMissingAsync(
        OperationContext context, TenantAdoption adoption, CancellationToken cancellationToken)
    {
        var before = AdoptionBefore.Of(adoption);
        var marker = databases.MarkerOf(await databases.GetAsync(context.TenantId, cancellationToken));
        await using var session = await OpenAsync(context, cancellationToken);
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        var inside = await DemandNoForeignCodeAsync(session, cancellationToken);
        await LockAsync(session, before, cancellationToken);
        var found = await SchemaReader.ReadAsync(session, cancellationToken);
        var made = MadeObjects.Of(adoption);
        made.DemandNoStrangers(TenantBlueprint.Head, before.Schema, found);
        var plan = new AdoptionPlan(TenantBlueprint.Head, before.Schema, found);
        AdoptionRules.Demand(plan);
        made = made.Plan(found,
        [
            .. plan.MissingTables.Select(MadeObject.Of),
            .. plan.MissingColumns.Select(c => MadeObject.Of(c.Table, c.Column)),
            .. plan.MissingFunctions.Select(MadeObject.Of),
        ]);
        await StoreAsync(context, adoption, made, cancellationToken);
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
        await StoreMadeAsync(context, adoption, made, session, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    // In one order for all, so that two sessions that change the schema wait for each other and never in a circle. A
    // table that gets a column needs the strongest lock; nobody may write to another one meanwhile.
    private static async Task LockAsync(
        NpgsqlConnection session, AdoptionBefore before, CancellationToken cancellationToken)
    {
        var found = await SchemaReader.ReadAsync(session, cancellationToken);
        var plan = new AdoptionPlan(TenantBlueprint.Head, before.Schema, found);
        await SchemaDdl.LockAsync(session, TenantBlueprint.Head.Tables
            .Where(t => found.Find(t.Name) is { IsOrdinary: true })
            .Select(t => (t.Name, plan.MissingColumns.Any(c => c.Table == t.Name)
                ? TableLock.AccessExclusive : TableLock.ShareRowExclusive)), cancellationToken);
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
        var applied = await TryWriteLimitsAsync(session, adoption, tenant, cancellationToken);
        return (tenant, applied, await versions.ReadAsync(session, cancellationToken));
    }

    /// <summary>
    /// Writes limits into tables that the adoption made and the portal still owns, or, after the completion, into those
    /// that were there before and run nobody's code.
    /// </summary>
    /// <returns>False while the table was there before and the adoption is not completed.</returns>
    /// <exception cref="RuleException"><c>adopt_not_ours</c>, <c>adopt_foreign_code</c>.</exception>
    public async Task<bool> TryWriteLimitsAsync(
        NpgsqlConnection session, TenantAdoption adoption, Tenant tenant, CancellationToken cancellationToken,
        bool completing = false)
    {
        var before = AdoptionBefore.Of(adoption).Schema;
        if (before.Find(WrittenWithLimits[0]) is not null && adoption.CompletedAt is null && !completing)
        {
            return false;
        }

        await TenantContentSteps.ApplyLimitsAsync(session, tenant, time, cancellationToken, async () =>
        {
            await SchemaDdl.LockAsync(
                session, WrittenWithLimits.Select(t => (t, TableLock.RowExclusive)), cancellationToken);
            var made = MadeObjects.Of(adoption);
            var found = await SchemaReader.ReadAsync(session, cancellationToken);
            made.DemandOurs(TenantBlueprint.Head, before, found);
            await DefinerOwner.HoldAsync(session, WrittenWithLimits, found, cancellationToken);
            found = await SchemaReader.ReadAsync(session, cancellationToken);
            made.DemandOurs(TenantBlueprint.Head, before, found);
            AdoptionRules.DemandPlain(
                new AdoptionPlan(TenantBlueprint.Head, before, found), WrittenWithLimits);
        });
        return true;
    }

    /// <summary>Stores what is about to be made, while the operation's claim is valid.</summary>
    public static async Task StoreAsync(
        OperationContext context, TenantAdoption adoption, MadeObjects made, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var row = await db.Set<TenantAdoption>().SingleAsync(a => a.Id == adoption.Id, cancellationToken);
        row.Made = made.Write();
        await context.CommitAsync(db, [], cancellationToken);
    }

    /// <summary>
    /// Gives definer functions their owner, and stores the OID of what was made, before the session commits it: a list
    /// with an object that is not there does no harm, and an object that is not in the list would be nobody's.
    /// </summary>
    public static async Task StoreMadeAsync(
        OperationContext context, TenantAdoption adoption, MadeObjects made, NpgsqlConnection session,
        CancellationToken cancellationToken)
    {
        if (await DefinerOwner.FindAsync(session, cancellationToken) is { } owner)
        {
            await DefinerOwner.GiveAsync(session, owner, made, cancellationToken);
            made = made with { DefinerOwner = owner };
        }

        await StoreAsync(context, adoption, made.Number(
            await SchemaReader.ReadAsync(session, cancellationToken),
            await SchemaReader.ReadMomentAsync(session, cancellationToken)), cancellationToken);
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
