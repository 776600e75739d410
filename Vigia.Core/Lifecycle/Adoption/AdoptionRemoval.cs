using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Lifecycle.Removal;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Adoption;

/// <summary>
/// Removes the objects that an adoption added. Older objects stay, and so does every added table that has rows by now.
/// </summary>
internal sealed class AdoptionRemoval(
    AdoptionContent content, RoleRemoval roles, ServerConnections servers, TenantDatabases databases,
    TimeProvider time)
{
    private const string AuditLog = "audit_log";

    /// <summary>Removes tables, columns, functions and rights, in one transaction.</summary>
    /// <exception cref="DatabaseConflictException">
    /// <c>database_not_ours</c>: the marker is gone, so a person has to look.
    /// </exception>
    public async Task RemoveObjectsAsync(
        OperationContext context, TenantAdoption adoption, CancellationToken cancellationToken)
    {
        await using (var db = await context.OpenMasterAsync(cancellationToken))
        {
            if (!await OwnDatabases.Of(db, context.TenantId).AnyAsync(cancellationToken))
            {
                return;
            }
        }

        if (adoption is { Made: null, AdoptedAt: null })
        {
            // Nothing was made yet.
            return;
        }

        var (before, made) = (AdoptionBefore.Of(adoption), MadeObjects.Of(adoption));
        await using var session = await content.OpenAsync(context, cancellationToken);
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        await AdoptionContent.DemandNoForeignCodeAsync(session, cancellationToken);

        // A row that is written meanwhile waits, and then finds its table gone or is seen here.
        await LockAsync(session, before, made, cancellationToken);
        var found = await SchemaReader.ReadAsync(session, cancellationToken);
        DemandReadable(before, made, found);
        var ours = AdoptionContent.TablesAdded(before)
            .Where(t => found.Find(t.Name) is { } there && made.IsOurs(found, there)).ToList();
        var kept = await FindKeptAsync(session, ours, cancellationToken);
        var dropped = ours.Where(t => !kept.Contains(t.Name)).ToList();
        if (dropped.Count > 0)
        {
            await MasterDatabase.ExecuteAsync(
                session, $"DROP TABLE {string.Join(", ", dropped.Select(t => SchemaDdl.Qualified(t.Name)))}",
                cancellationToken);
        }

        await RemoveColumnsAsync(session, before, made, found, cancellationToken);
        if (kept.Count == 0)
        {
            await RemoveFunctionsAsync(session, before, made, cancellationToken);
        }

        await RemoveRightsAsync(session, before, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>
    /// Lists what has the name of something that the adoption added and is still there: tables and columns with
    /// content, and what others put in their place.
    /// </summary>
    public async Task<IReadOnlyList<string>> ListKeptAsync(
        OperationContext context, TenantAdoption adoption, CancellationToken cancellationToken)
    {
        var before = AdoptionBefore.Of(adoption);
        await using var session = await content.OpenAsync(context, cancellationToken);
        var found = await SchemaReader.ReadAsync(session, cancellationToken);
        return
        [
            .. AdoptionContent.TablesAdded(before).Where(t => found.Find(t.Name) is not null).Select(t => t.Name),
            .. AdoptionContent.ColumnsAdded(before)
                .Where(c => found.Find(c.Table)?.Find(c.Column.Name) is not null)
                .Select(c => $"{c.Table}.{c.Column.Name}"),
        ];
    }

    /// <summary>Ends the sessions of the tenant's roles and drops them with their credentials.</summary>
    public async Task RemoveRolesAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using (var db = await context.OpenMasterAsync(cancellationToken))
        await using (var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken))
        {
            var names = await db.Set<TenantCredential>().Where(c => c.TenantId == context.TenantId)
                .Select(c => c.RoleName).ToArrayAsync(cancellationToken);
            await using var command = new NpgsqlCommand(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ANY ($1)", session)
            {
                Parameters = { new() { Value = names } },
            };
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await roles.DropAllAsync(context, cancellationToken);
    }

    /// <summary>Gives the database the comment and the rights of PUBLIC that it had before.</summary>
    public async Task UnmarkAsync(
        OperationContext context, TenantAdoption adoption, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        if (await OwnDatabases.Of(db, context.TenantId).AsNoTracking().SingleOrDefaultAsync(cancellationToken)
            is not { } database)
        {
            return;
        }

        var before = AdoptionBefore.Of(adoption);
        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        await AdoptionDdl.UnmarkAsync(
            session, database.Name, databases.MarkerOf(database), before.Comment, before.PublicRights,
            cancellationToken);
    }

    /// <summary>
    /// Forgets the adoption in the registry. The caller holds the tenant's locks and commits. A row that was made for
    /// the adoption goes, too.
    /// </summary>
    public async Task<Tenant?> ForgetAsync(
        MasterContext db, TenantAdoption adoption, CancellationToken cancellationToken)
    {
        var tenant = await db.Set<Tenant>().SingleOrDefaultAsync(t => t.Id == adoption.TenantId, cancellationToken);
        await OwnDatabases.Of(db, adoption.TenantId).ExecuteDeleteAsync(cancellationToken);
        adoption.EndedAt = time.GetUtcNow();
        tenant?.ForgetAdoption();
        if (tenant is not null && adoption.RegisteredHere)
        {
            await db.Set<TenantInvitation>().Where(i => i.TenantId == tenant.Id)
                .ExecuteDeleteAsync(cancellationToken);
            db.Set<Tenant>().Remove(tenant);
        }

        return tenant;
    }

    // The tables that the adoption made, those that it added columns to, and the history of migrations.
    private static async Task LockAsync(
        NpgsqlConnection session, AdoptionBefore before, MadeObjects made, CancellationToken cancellationToken)
    {
        var found = await SchemaReader.ReadAsync(session, cancellationToken);
        await SchemaDdl.LockAsync(session, found.Tables.Where(t => IsTouched(before, made, found, t))
            .Select(t => (t.Name, TableLock.AccessExclusive)), cancellationToken);
    }

    private static bool IsTouched(
        AdoptionBefore before, MadeObjects made, SchemaDescription found, TableDescription table) =>
        table.IsOrdinary && (made.IsOurs(found, table) || table.Columns.Any(c => made.IsOurs(table, c))
            || (table.Name == TenantBlueprint.History && before.Schema.Find(table.Name) is not null));

    // Whether a column has a value is read, and rows of the history are deleted. No code of others may run then.
    private static void DemandReadable(AdoptionBefore before, MadeObjects made, SchemaDescription found)
    {
        AdoptionRules.DemandNoHiddenCode(found with
        {
            Tables = [.. found.Tables.Where(t => IsTouched(before, made, found, t))],
        });
        AdoptionRules.DemandPlain(
            new AdoptionPlan(TenantBlueprint.Head, before.Schema, found), [TenantBlueprint.History]);
    }

    // A table with rows of its own stays, with the tables that it refers to and those of limits and audit.
    private static async Task<HashSet<string>> FindKeptAsync(
        NpgsqlConnection session, IReadOnlyList<TableDescription> ours, CancellationToken cancellationToken)
    {
        var kept = new HashSet<string>();
        foreach (var table in ours.Where(t => !TenantBlueprint.Infrastructure.Contains(t.Name)))
        {
            if (await HasRowsAsync(session, table, cancellationToken))
            {
                kept.Add(table.Name);
            }
        }

        if (kept.Count == 0)
        {
            return kept;
        }

        kept.UnionWith(ours.Select(t => t.Name).Where(t => t == AuditLog
            || TenantBlueprint.Infrastructure.Contains(t)));
        int before;
        do
        {
            before = kept.Count;
            kept.UnionWith(ours.Where(t => kept.Contains(t.Name)).SelectMany(t => t.Constraints)
                .Where(c => c.References is { } other && ours.Any(t => t.Name == other)).Select(c => c.References!));
        }
        while (kept.Count > before);

        return kept;
    }

    // Rows that the schema itself adds to a new table do not count.
    private static async Task<bool> HasRowsAsync(
        NpgsqlConnection session, TableDescription table, CancellationToken cancellationToken)
    {
        string[] generated = [.. table.Columns.Where(c => c.IsGenerated).Select(c => c.Name)];
        await using var command = new NpgsqlCommand(
            $"SELECT EXISTS (SELECT FROM {SchemaDdl.Qualified(table.Name)} AS r "
            + "WHERE NOT EXISTS (SELECT FROM unnest($2::text[]) AS s WHERE jsonb_strip_nulls(to_jsonb(r) - $1) = "
            + "jsonb_strip_nulls(s::jsonb)))", session)
        {
            Parameters =
            {
                new() { Value = generated },
                new() { Value = table.Seeds.Select(s => s.GetRawText()).ToArray() },
            },
        };
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    // A default that is a moment was given to each row that was written since, and the same one to all that were there.
    private static async Task RemoveColumnsAsync(
        NpgsqlConnection session, AdoptionBefore before, MadeObjects made, SchemaDescription found,
        CancellationToken cancellationToken)
    {
        foreach (var (table, column) in AdoptionContent.ColumnsAdded(before).Where(c =>
            found.Find(c.Table) is { } there && there.Find(c.Column.Name) is { } same && made.IsOurs(there, same)))
        {
            var name = SqlIdentifier.Quote(column.Name);
            var value = column.HasConstantDefault ? column.Default : column.IsGenerated ? "$1" : null;
            await using var command = new NpgsqlCommand(
                $"SELECT EXISTS (SELECT FROM {SchemaDdl.Qualified(table)} WHERE {name} IS NOT NULL"
                + (value is null ? ")" : $" AND {name} IS DISTINCT FROM {value})"), session);
            if (value == "$1")
            {
                command.Parameters.Add(new() { Value = made.At?.UtcDateTime ?? DateTime.UnixEpoch });
            }

            if (await command.ExecuteScalarAsync(cancellationToken) is false)
            {
                await MasterDatabase.ExecuteAsync(
                    session, SchemaDdl.DropColumn(table, column.Name), cancellationToken);
            }
        }
    }

    // A function that others made or replaced since the first look belongs to them, although it has our name.
    private static async Task RemoveFunctionsAsync(
        NpgsqlConnection session, AdoptionBefore before, MadeObjects made, CancellationToken cancellationToken)
    {
        var found = await SchemaReader.ReadAsync(session, cancellationToken);
        await SchemaDdl.ExecuteAsync(
            session, TenantBlueprint.Head.Functions.Where(f => before.Schema.Find(f) is null
                    && found.Find(f) is { } there && made.IsOurs(found, there) && there.DoesTheSame(f))
                .Select(SchemaDdl.DropFunction), cancellationToken);
    }

    private static async Task RemoveRightsAsync(
        NpgsqlConnection session, AdoptionBefore before, CancellationToken cancellationToken)
    {
        if (before.Schema.Find(TenantBlueprint.History) is not null)
        {
            await using var command = new NpgsqlCommand(
                $"""
                DELETE FROM {SchemaDdl.Qualified(TenantBlueprint.History)}
                WHERE "MigrationId"::text = ANY ($1) AND "MigrationId"::text <> ALL ($2)
                """, session)
            {
                Parameters =
                {
                    new()
                    {
                        Value = TenantBlueprint.Head.Find(TenantBlueprint.History)!.Seeds
                            .Select(r => r.GetProperty("MigrationId").GetString()!).ToArray(),
                    },
                    new() { Value = before.Migrations.ToArray() },
                },
            };
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await SchemaDdl.ExecuteAsync(
            session, AdoptionDdl.CloseSchema(before.SchemaComment, before.PublicMayCreate), cancellationToken);
        await GroupRights.RestoreAsync(
            session, before.GroupRights, await SchemaReader.ReadAsync(session, cancellationToken),
            TenantBlueprint.Head, cancellationToken);
    }
}
