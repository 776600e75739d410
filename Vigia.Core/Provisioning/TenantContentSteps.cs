using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Audit;
using Vigia.Core.Configuration;
using Vigia.Core.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Tenancy;
using Vigia.Core.TenantDatabase;
using Vigia.Core.Tenants;

namespace Vigia.Core.Provisioning;

/// <summary>What is inside a new tenant's database: schema at head, the first administrator, then limits (the administrator is let in whatever they are); and the proof that the tenant's role reads it.</summary>
internal sealed class TenantContentSteps(TenantConnections connections, TimeProvider time, IOptions<SchemaOptions> schema)
{
    public async Task InitSchemaAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var (_, database) = await ReadAsync(context, cancellationToken);
        await using var session = await context.OpenDatabaseAsync(database, cancellationToken);
        if (await TenantSchema.GetVersionAsync(session, cancellationToken) < TenantSchema.HeadVersion)
        {
            await TenantSchema.MigrateAsync(session, schema.Value.LockTimeout, cancellationToken);
        }

        await TenantSchema.VerifyTablesAsync(session, cancellationToken);
    }

    /// <summary>Writes the registry's limits into the tenant's own database, unless that has a newer revision already.</summary>
    public static Task ApplyLimitsAsync(NpgsqlConnection session, Tenant tenant, TimeProvider time, CancellationToken cancellationToken) => WriteAsync(
        session,
        """
        UPDATE public.tenant_limits
        SET max_usuarios = $1, max_establecimientos = $2, max_comprobantes = $3, limitar_emision = $4, revision = $5
        WHERE revision <= $5
        """,
        [
            new() { Value = (object?)tenant.MaxUsers ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Integer },
            new() { Value = (object?)tenant.MaxEstablishments ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Integer },
            new() { Value = (object?)tenant.MaxDocuments ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Integer },
            new() { Value = tenant.LimitIssuance },
            new() { Value = tenant.LimitsRevision },
        ], time, cancellationToken);

    public async Task CreateAdminAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var (tenant, database) = await ReadAsync(context, cancellationToken);
        await using var session = await context.OpenDatabaseAsync(database, cancellationToken);
        await WriteAsync(
            session,
            """
            INSERT INTO public.users (email, hashed_password, is_active, roles)
            SELECT $1, $2, true, ARRAY['admin']
            WHERE NOT EXISTS (SELECT FROM public.users WHERE 'admin' = ANY (roles))
            """,
            [new() { Value = tenant.AccessEmail! }, new() { Value = UnusablePassword.Hash() }], time, cancellationToken);
    }

    /// <summary>The registry never lies (invariant 1): ready only after a session as the tenant's own role found schema and administrator.</summary>
    public async Task VerifyAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var (_, database) = await ReadAsync(context, cancellationToken);
        await VerifyAsTenantAsync(context.TenantId, database, cancellationToken);
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        // The row stays locked while its newest limits and address go into the database, so that an edit made meanwhile is either in or comes after.
        var tenant = await TenantRow.LockAsync(db, context.TenantId, cancellationToken);
        if (tenant.State == TenantState.Ready)
        {
            // Written before, and only the record of the step was lost: a person may have suspended the client since.
            return;
        }

        await using (var session = await context.OpenDatabaseAsync(database, cancellationToken))
        {
            await ApplyLimitsAsync(session, tenant, time, cancellationToken);
            await MoveFirstAdmin.MoveAsync(session, tenant.AccessEmail!, cancellationToken);
        }

        tenant.State = TenantState.Ready;
        tenant.IsActive = true;
        tenant.InactiveKind = null;
        tenant.InactiveReason = tenant.InactiveReasonCode = null;
        tenant.InactiveSince = null;
        tenant.SchemaVersion = TenantSchema.HeadVersion;
        tenant.LimitsAppliedRevision = tenant.LimitsRevision;
        await db.Databases.Where(d => d.TenantId == tenant.Id).ExecuteUpdateAsync(s => s.SetProperty(d => d.SchemaVersion, TenantSchema.HeadVersion), cancellationToken);
        await context.CommitAsync(db, [new AuditEntry("tenant.provisioned")
        {
            TenantId = tenant.Id,
            Ruc = tenant.Ruc,
            Subdomain = tenant.Subdomain,
            OperationId = context.OperationId,
            After = new Dictionary<string, object?> { ["db_name"] = database, ["schema_version"] = TenantSchema.HeadVersion },
        }], cancellationToken);
    }

    /// <summary>Connects with the tenant's own credentials and reads what it must be able to read.</summary>
    /// <exception cref="RuleException"><c>verification_failed</c>.</exception>
    public async Task VerifyAsTenantAsync(int tenantId, string database, CancellationToken cancellationToken)
    {
        await using var session = await connections.OpenAsync(tenantId, database, cancellationToken);
        var version = await TenantSchema.GetVersionAsync(session, cancellationToken);
        await using var command = new NpgsqlCommand("SELECT count(*) FROM public.users WHERE 'admin' = ANY (roles)", session);
        var admins = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        if (version > TenantSchema.HeadVersion || version == 0 || admins == 0)
        {
            throw new RuleException("verification_failed", version.ToString(System.Globalization.CultureInfo.InvariantCulture), admins.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    // The tenant may be at work in it: who loses against it tries again at once.
    private static Task<int> WriteAsync(NpgsqlConnection session, string sql, NpgsqlParameter[] values, TimeProvider time, CancellationToken cancellationToken) =>
        TenantTransaction.RunAsync(session, System.Data.IsolationLevel.ReadCommitted, async (transaction, cancel) =>
        {
            await using var command = new NpgsqlCommand(sql, session, transaction);
            command.Parameters.AddRange(values.Select(v => v.Clone()).ToArray());
            return await command.ExecuteNonQueryAsync(cancel);
        }, time, cancellationToken);

    private static async Task<(Tenant Tenant, string Database)> ReadAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var tenant = await db.Tenants.AsNoTracking().SingleAsync(t => t.Id == context.TenantId, cancellationToken);
        var database = await db.Databases.Where(d => d.TenantId == tenant.Id).Select(d => d.Name).SingleAsync(cancellationToken);
        return (tenant, database);
    }
}
