using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.OutsideRoles;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.Lifecycle.Provisioning;

/// <summary>
/// The contents of a new tenant's database: the schema at head, the first administrator, then the limits (in this
/// order, so that the limits can't refuse the administrator). Finally verifies that the tenant's role can read it.
/// </summary>
// More than five dependencies: the steps inside a new tenant's database. All of them need its session and its schema.
internal sealed class TenantContentSteps(
    TenantConnections connections, TenantDatabases databases, TenantSchemaVersions versions, TenantMigrator migrator,
    OutsideAccess access, TimeProvider time, IOptions<SchemaOptions> schema)
{
    public async Task InitSchemaAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var session = await context.OpenTenantDatabaseAsync(cancellationToken);
        if (await versions.ReadAsync(session, cancellationToken) < versions.Head)
        {
            await migrator.MigrateAsync(session, schema.Value.LockTimeout, cancellationToken);
        }

        await TenantMigrator.VerifyTablesAsync(session, cancellationToken);

        // A comment on the database is the marker, but a dump of its contents does not include that comment.
        await TenantContentCheck.WriteMarkerAsync(session,
            databases.MarkerOf(await databases.GetAsync(context.TenantId, cancellationToken)), cancellationToken);
    }

    /// <summary>
    /// Writes the registry's limits into the tenant's own database, unless it already has a newer revision.
    /// </summary>
    /// <param name="checkAsync">Checks the tables in the transaction, before it writes; null for nothing.</param>
    public static Task ApplyLimitsAsync(
        NpgsqlConnection session, Tenant tenant, TimeProvider time, CancellationToken cancellationToken,
        Func<Task>? checkAsync = null) => ExecuteAsync(
        session,
        """
        UPDATE public.tenant_limits
        SET max_usuarios = $1, max_establecimientos = $2, max_comprobantes = $3, limitar_emision = $4, revision = $5
        WHERE revision <= $5
        """,
        [
            new() { Value = (object?)tenant.MaxUsers ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Integer },
            new() { Value = (object?)tenant.MaxEstablishments ?? DBNull.Value,
                NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Integer },
            new() { Value = (object?)tenant.MaxDocuments ?? DBNull.Value,
                NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Integer },
            new() { Value = tenant.LimitIssuance },
            new() { Value = tenant.LimitsRevision },
        ], time, cancellationToken, checkAsync);

    public async Task CreateAdminAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var (tenant, _) = await ReadAsync(context, cancellationToken);
        await using var session = await context.OpenTenantDatabaseAsync(cancellationToken);
        await ExecuteAsync(
            session,
            """
            INSERT INTO public.users (email, hashed_password, is_active, roles)
            SELECT $1, $2, true, ARRAY['admin']
            WHERE NOT EXISTS (SELECT FROM public.users WHERE 'admin' = ANY (roles))
            """,
            [new() { Value = tenant.AccessEmail! }, new() { Value = UnusablePassword.Hash() }], time,
            cancellationToken);
    }

    /// <summary>
    /// Verifies with the tenant's own role that it can read what it must, then makes the tenant ready. See
    /// docs/rules.md#registry-never-lies.
    /// </summary>
    public async Task VerifyAndMakeReadyAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var (seen, database) = await ReadAsync(context, cancellationToken);
        await VerifyAsTenantAsync(context.TenantId, database, cancellationToken);
        var id = (await databases.GetAsync(context.TenantId, cancellationToken)).Id;
        string revision;
        do
        {
            (seen, _) = await ReadAsync(context, cancellationToken);
            if (seen.State == TenantState.Ready)
            {
                // An earlier attempt committed, and only its step record was lost. The tenant's users may have worked
                // since.
                return;
            }

            // The settings of outside roles may have changed since the database was opened to them.
            revision = await access.OpenAgainAsync(context, id, database, cancellationToken);

            // Nothing in the master is locked while the tenant's database is written, because it may be slow or
            // unreachable.
            await using var session = await context.OpenTenantDatabaseAsync(cancellationToken);
            await ApplyLimitsAsync(session, seen, time, cancellationToken);
            await MoveFirstAdmin.MoveAsync(session, seen.AccessEmail!, cancellationToken);
        }
        while (!await TryMarkReadyAsync(context, seen, database, revision, cancellationToken));
    }

    // Returns false when limits, address or outside roles were changed in the meantime: a change made before the tenant
    // is ready queues no operation for it.
    private async Task<bool> TryMarkReadyAsync(
        OperationContext context, Tenant seen, string database, string revision, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var locked = await LockedTenant.LockAsync(db, context.TenantId, cancellationToken);
        if (locked is { Registered.State: TenantState.Ready, Trashed: null })
        {
            // An earlier attempt committed, and only its step record was lost. A person may have suspended the tenant
            // since.
            return true;
        }

        ProvisioningDecision.DemandProvisioning(locked);
        var tenant = locked.Registered!;
        if (tenant.LimitsRevision != seen.LimitsRevision || tenant.AccessEmail != seen.AccessEmail
            || await OutsideAccess.HasChangedAsync(db, revision, cancellationToken))
        {
            return false;
        }

        tenant.MarkReady(versions.Head);
        await OwnDatabases.Of(db, tenant.Id)
            .ExecuteUpdateAsync(s => s.SetProperty(d => d.SchemaVersion, versions.Head), cancellationToken);
        await context.CommitAsync(db, [new AuditEntry("tenant.provisioned")
        {
            TenantId = tenant.Id,
            Ruc = tenant.Ruc,
            Subdomain = tenant.Subdomain,
            OperationId = context.OperationId,
            After = new Dictionary<string, object?> { ["db_name"] = database, ["schema_version"] = versions.Head,
            ["is_active"] = tenant.IsActive },
        }], cancellationToken);
        return true;
    }

    /// <summary>Connects with the tenant's own credential and reads what it must be able to read.</summary>
    /// <exception cref="RuleException"><c>verification_failed</c>.</exception>
    public async Task VerifyAsTenantAsync(int tenantId, string database, CancellationToken cancellationToken)
    {
        await using var session = await connections.OpenAsync(tenantId, database, cancellationToken);
        var version = await versions.ReadAsync(session, cancellationToken);
        await using var command =
            new NpgsqlCommand("SELECT count(*) FROM public.users WHERE 'admin' = ANY (roles)", session);
        var admins = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        if (version > versions.Head || version == 0 || admins == 0)
        {
            throw new RuleException(
                "verification_failed", version.ToString(System.Globalization.CultureInfo.InvariantCulture),
                admins.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    // The tenant may be working in the database; a transaction that loses a conflict is repeated at once.
    private static Task<int> ExecuteAsync(
        NpgsqlConnection session, string sql, NpgsqlParameter[] values, TimeProvider time,
        CancellationToken cancellationToken, Func<Task>? checkAsync = null) =>
        TenantTransaction.RunAsync(session, System.Data.IsolationLevel.ReadCommitted, async (transaction, cancel) =>
        {
            await (checkAsync?.Invoke() ?? Task.CompletedTask);
            await using var command = new NpgsqlCommand(sql, session, transaction);
            command.Parameters.AddRange(values.Select(v => v.Clone()).ToArray());
            return await command.ExecuteNonQueryAsync(cancel);
        }, time, cancellationToken);

    private static async Task<(Tenant Tenant, string Database)> ReadAsync(
        OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var tenant = await db.Set<Tenant>().AsNoTracking()
            .SingleAsync(t => t.Id == context.TenantId, cancellationToken);
        var database = await OwnDatabases.Of(db, tenant.Id).Select(d => d.Name).SingleAsync(cancellationToken);
        return (tenant, database);
    }
}
