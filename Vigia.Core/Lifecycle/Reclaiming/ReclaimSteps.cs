using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Lifecycle.OutsideRoles;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.Lifecycle.Reclaiming;

/// <summary>
/// The steps that reclaim a database. Each checks again whether the tenant is still unmanaged, because a retry may come
/// days later.
/// </summary>
// More than five dependencies: it takes steps of provisioning and of the proof, and adds the look at a database that
// was there before.
internal sealed class ReclaimSteps(TenantContentSteps content, ProofSteps proof, TenantDatabases databases,
    OutsideAccess access, ServerConnections servers, TenantSchemaVersions versions, TimeProvider time)
{
    /// <summary>
    /// Checks whether the database is the tenant's own and fit for the portal. Changes nothing.
    /// </summary>
    /// <exception cref="RuleException">A person must fix the named problem first.</exception>
    public async Task InspectAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var (tenant, database) = await DemandUnmanagedAsync(context, cancellationToken);
        var marker = databases.MarkerOf(database);
        await using (var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken))
        {
            await DemandPropertiesAsync(context, session, database, marker, cancellationToken);
        }

        await using var inside = await context.OpenUncheckedAsync(database.Name, cancellationToken);
        await using (var looks = new NpgsqlCommand("SET default_transaction_read_only = on", inside))
        {
            await looks.ExecuteNonQueryAsync(cancellationToken);
        }

        await TenantContentCheck.DemandAsync(inside, versions, marker, tenant.AccessEmail, cancellationToken);
    }

    /// <summary>Restores the database's properties. From here on it is ours and closed to everybody else.</summary>
    public async Task MarkAsync(OperationContext context, CancellationToken cancellationToken)
    {
        // Checked again, because a retried operation may find another database with this name.
        await InspectAsync(context, cancellationToken);
        var (_, database) = await DemandUnmanagedAsync(context, cancellationToken);
        await using (var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken))
        {
            await DatabaseProperties.SetAsync(session, database.Name, databases.MarkerOf(database), cancellationToken);
            await access.OpenAsync(
                context, session, database.Id, database.Name, isReturned: true, cancellationToken);
        }

        await using var inside = await context.OpenTenantDatabaseAsync(cancellationToken);
        await TenantContentCheck.WriteMarkerAsync(inside, databases.MarkerOf(database), cancellationToken);
    }

    /// <summary>
    /// Verifies, with the tenant's own role, that it can read what it must, and proves the isolation.
    /// </summary>
    public async Task ProveAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var (tenant, database) = await DemandUnmanagedAsync(context, cancellationToken);
        await content.VerifyAsTenantAsync(tenant.Id, database.Name, cancellationToken);
        await proof.ProveAsync(context, database.Name, ProofCause.Restore, cancellationToken);
    }

    /// <summary>
    /// Makes the tenant ready again, active or suspended as it was. Tokens issued before the restore are refused,
    /// because the restored copy may not know them.
    /// </summary>
    public async Task ReturnAsync(OperationContext context, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (tenant, database) = await DemandUnmanagedAsync(context, cancellationToken, orReady: true);
            if (tenant.State == TenantState.Ready)
            {
                // An earlier attempt committed, and only its step record was lost.
                return;
            }

            int version;
            var revision = await access.OpenAgainAsync(context, database.Id, database.Name, cancellationToken);
            await using (var db = await context.OpenMasterAsync(cancellationToken))
            await using (var session = await context.OpenTenantDatabaseAsync(cancellationToken))
            {
                // The dump may be older than the last change of the limits or of the address.
                await TenantContentSteps.ApplyLimitsAsync(session, tenant, time, cancellationToken);
                await MoveFirstAdmin.UpdateBeforeReadyAsync(db, session, tenant, cancellationToken);
                version = await versions.ReadAsync(session, cancellationToken);
            }

            if (await TryReturnAsync(context, database, tenant, version, revision, cancellationToken))
            {
                return;
            }
        }
    }

    // Returns false when limits, address or outside roles were changed while they were being written; the caller writes
    // them again.
    private async Task<bool> TryReturnAsync(
        OperationContext context, ManagedDatabase database, Tenant seen, int version, string revision,
        CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.LockAsync(db, context.TenantId, cancellationToken);
        if (tenant.State != TenantState.Unmanaged || tenant.LimitsRevision != seen.LimitsRevision
            || tenant.AccessEmail != seen.AccessEmail
            || await OutsideAccess.HasChangedAsync(db, revision, cancellationToken))
        {
            return false;
        }

        tenant.MarkReclaimed(version, time.GetUtcNow());
        await db.Set<ManagedDatabase>().Where(d => d.Id == database.Id)
            .ExecuteUpdateAsync(s => s.SetProperty(d => d.SchemaVersion, version), cancellationToken);
        await context.CommitAsync(db, [new AuditEntry("tenant.reclaimed")
        {
            TenantId = tenant.Id,
            Ruc = tenant.Ruc,
            Subdomain = tenant.Subdomain,
            OperationId = context.OperationId,
            Reason = context.Data<ReclaimData>().Reason,
            After = new Dictionary<string, object?>
            {
                ["db_name"] = database.Name, ["schema_version"] = version, ["is_active"] = tenant.IsActive,
            },
        }], cancellationToken);
        return true;
    }

    private static async Task DemandPropertiesAsync(OperationContext context, NpgsqlConnection session,
        ManagedDatabase database, string marker, CancellationToken cancellationToken)
    {
        var (name, quoted) = (database.Name, SqlIdentifier.Quote(database.Name));
        var found = await DatabaseProperties.ReadAsync(session, name, cancellationToken);
        if (await DatabaseDdl.FindByMarkerAsync(session, marker, cancellationToken) is { } marked
            && marked.Name != name)
        {
            throw new DatabaseConflictException("database_marked_elsewhere", name, marked.Name);
        }

        switch (found)
        {
            case null:
                throw new RuleException("database_missing", name);
            case { Marker: { } other } when other != marker:
                throw new DatabaseConflictException("database_belongs_to_another", name, other);
            case { ConnectionLimit: DatabaseDdl.UnfinishedDrop }:
                throw new RuleException("database_half_dropped", name);
            case { IsOwnedByCurrentUser: false }:
                var owner = SqlIdentifier.Quote(await CurrentUserAsync(session, cancellationToken));
                throw new RuleException(
                    "database_owner", name, found.Owner, $"ALTER DATABASE {quoted} OWNER TO {owner};");
            case { AllowsConnections: false }:
                throw new RuleException("database_closed", name, $"ALTER DATABASE {quoted} ALLOW_CONNECTIONS true;");
            case { Encoding: not "UTF8" }:
                throw new RuleException("database_encoding", name, found.Encoding);
        }

        if (await TemplateAsync(context, session, cancellationToken) is { } ours && ours.Locale != found.Locale)
        {
            // The locale of a database can't be changed. Everything works; only sorting by the database's default order
            // differs.
            await context.ReportAsync(
                new Message("database_locale", name, found.Locale, ours.Locale), cancellationToken);
        }
    }

    private static async Task<DatabaseProperties?> TemplateAsync(
        OperationContext context, NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var name = await db.Set<ManagedDatabase>()
            .Where(d => d.ServerId == context.Operation.ServerId && d.Kind == DatabaseKind.Template)
            .OrderByDescending(d => d.SchemaVersion).Select(d => d.Name).FirstOrDefaultAsync(cancellationToken);
        return name is null ? null : await DatabaseProperties.ReadAsync(session, name, cancellationToken);
    }

    private static async Task<string> CurrentUserAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT current_user::text", session);
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<(Tenant Tenant, ManagedDatabase Database)> DemandUnmanagedAsync(
        OperationContext context, CancellationToken cancellationToken, bool orReady = false)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var tenant = await db.Set<Tenant>().AsNoTracking().SingleOrDefaultAsync(
            t => t.Id == context.TenantId, cancellationToken) ?? throw new NotFoundException("tenant_unknown");
        if (tenant.State != TenantState.Unmanaged && !(orReady && tenant.State == TenantState.Ready))
        {
            throw new RuleException("already_managed");
        }

        if (await db.Set<TenantAdoption>().AnyAsync(
            a => a.TenantId == tenant.Id && a.EndedAt == null && (a.AdoptedAt == null || a.UndoBegunAt != null),
            cancellationToken))
        {
            // The marker is not lost: the adoption has not written it yet, or its undo has removed it.
            throw new RuleException("adoption_unfinished");
        }

        return (tenant, await OwnDatabases.Of(db, tenant.Id).AsNoTracking()
            .SingleOrDefaultAsync(cancellationToken) ?? throw new RuleException("tenant_unmanaged"));
    }
}
