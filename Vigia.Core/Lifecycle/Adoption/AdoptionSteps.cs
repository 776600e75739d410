using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Adoption;

/// <summary>
/// The steps of an adoption. None of them changes a row or a column that was there before.
/// </summary>
// More than five dependencies: it marks, fills, proves and registers one database.
internal sealed class AdoptionSteps(
    AdoptionInspection inspection, AdoptionContent content, TenantContentSteps proofOfContent, ProofSteps proof,
    ServerConnections servers, TenantDatabases databases, TimeProvider time)
{
    /// <summary>Inspects the database, and records its state once.</summary>
    /// <exception cref="RuleException">An obstacle of the report; <c>owner_statements_needed</c>.</exception>
    public async Task InspectAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var data = context.Data<AdoptionData>();
        var found = await inspection.LookAsync(data.DatabaseName, context.TenantId, cancellationToken);
        found.Report.Demand();
        var migrations = await content.ReadMigrationsAsync(context, data.DatabaseName, found, cancellationToken);

        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await AdoptionDecision.DemandAdoptableAsync(db, context, cancellationToken);
        if (tenant.State == TenantState.Ready)
        {
            return;
        }

        if (await AdoptionRules.FindRegistryObstaclesAsync(db, data.DatabaseName, tenant.Id, cancellationToken)
            is { Count: > 0 } obstacles)
        {
            throw new RuleException(obstacles[0]);
        }

        if (await Adoptions.FindAsync(db, tenant.Id, cancellationToken) is { } begun)
        {
            // An earlier operation has begun. Its record has the state before the adoption.
            begun.OperationId = context.OperationId;
        }
        else
        {
            db.Set<TenantAdoption>().Add(new TenantAdoption
            {
                TenantId = tenant.Id,
                DatabaseName = data.DatabaseName,
                OperationId = context.OperationId,
                RegisteredHere = data.RegisteredHere,
                Before = AdoptionBefore.Write(found.Report, found.Schema!, found.Rights, migrations),
                KeepsOwner = data.KeepsOwner,
                BackupStatement = data.BackupStatement,
                StartedAt = time.GetUtcNow(),
            });
        }

        await context.CommitAsync(db, [], cancellationToken);
    }

    /// <summary>
    /// Marks the database and closes it to roles without a right of their own. The registry's row allows this: it is
    /// locked and read again before the row in <c>portal.databases</c> is committed.
    /// </summary>
    public async Task MarkAsync(OperationContext context, CancellationToken cancellationToken)
    {
        TenantAdoption adoption;
        await using (var db = await context.OpenMasterAsync(cancellationToken))
        await using (await db.Database.BeginTransactionAsync(cancellationToken))
        {
            var tenant = await AdoptionDecision.DemandAdoptableAsync(db, context, cancellationToken);
            if (tenant.State == TenantState.Ready)
            {
                return;
            }

            adoption = await DemandBegunAsync(db, tenant.Id, cancellationToken);
            if (!await OwnDatabases.Of(db, tenant.Id).AnyAsync(cancellationToken))
            {
                db.Set<ManagedDatabase>().Add(new ManagedDatabase
                {
                    Id = adoption.DatabaseId,
                    Name = adoption.DatabaseName,
                    ServerId = ServerConnections.MasterServerId,
                    Kind = DatabaseKind.Tenant,
                    TenantId = tenant.Id,
                    OperationId = context.OperationId,
                    CreatedAt = time.GetUtcNow(),

                    // It may have been in production before. See docs/rules.md#retention.
                    EverInProduction = true,
                });
            }

            tenant.PlaceAdopted(adoption.DatabaseName, ServerConnections.MasterServerId);
            try
            {
                await context.CommitAsync(db, [], cancellationToken);
            }
            catch (DbUpdateException e) when (
                e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
            {
                throw new RuleException("database_name_taken", adoption.DatabaseName);
            }
        }

        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        await RoleDdl.EnsureTenantGroupAsync(session, cancellationToken);
        await AdoptionDdl.MarkAsync(
            session, adoption.DatabaseName, AdoptionBefore.Of(adoption).Oid,
            databases.MarkerOf(await databases.GetAsync(context.TenantId, cancellationToken)), cancellationToken);
    }

    /// <summary>Adds what is missing, with the rights of the tenants' group, in one transaction.</summary>
    public async Task AddMissingAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (await FindUnfinishedAsync(context, cancellationToken) is { } adoption)
        {
            await content.AddMissingAsync(context, adoption, cancellationToken);
        }
    }

    /// <summary>Verifies with the tenant's role that the needed tables can be read, and proves the isolation.</summary>
    public async Task ProveAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (await FindUnfinishedAsync(context, cancellationToken) is { } adoption)
        {
            await proofOfContent.VerifyAsTenantAsync(context.TenantId, adoption.DatabaseName, cancellationToken);
            await proof.ProveAsync(context, adoption.DatabaseName, ProofCause.Adoption, cancellationToken);
        }
    }

    /// <summary>Makes the tenant ready. The undo is possible from now on.</summary>
    public async Task RegisterAsync(OperationContext context, CancellationToken cancellationToken)
    {
        while (await FindUnfinishedAsync(context, cancellationToken) is { } adoption)
        {
            var (seen, applied, version) = await content.ApplyLimitsAsync(context, adoption, cancellationToken);
            if (await TryRegisterAsync(context, seen, applied, version, cancellationToken))
            {
                return;
            }
        }
    }

    // Returns false when the limits were changed in the meantime; the caller applies them again.
    private async Task<bool> TryRegisterAsync(
        OperationContext context, Tenant seen, bool applied, int version, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await AdoptionDecision.DemandAdoptableAsync(db, context, cancellationToken);
        if (tenant.State == TenantState.Ready)
        {
            return true;
        }

        if (tenant.LimitsRevision != seen.LimitsRevision)
        {
            return false;
        }

        var adoption = await DemandBegunAsync(db, tenant.Id, cancellationToken);
        var (now, before) = (time.GetUtcNow(), AdoptionBefore.Of(adoption));
        tenant.MarkAdopted(version, applied, adoption.RegisteredHere);
        adoption.AdoptedAt = now;
        adoption.UndoUntil = now + TenantAdoption.UndoTime;
        await OwnDatabases.Of(db, tenant.Id)
            .ExecuteUpdateAsync(s => s.SetProperty(d => d.SchemaVersion, version), cancellationToken);
        await context.CommitAsync(db, [new AuditEntry("tenant.adopted")
        {
            TenantId = tenant.Id,
            Ruc = tenant.Ruc,
            Subdomain = tenant.Subdomain,
            OperationId = context.OperationId,
            After = new Dictionary<string, object?>
            {
                ["db_name"] = adoption.DatabaseName,
                ["schema_version"] = version,
                ["tables_added"] = AdoptionContent.TablesAdded(before).Count,
                ["columns_added"] = AdoptionContent.ColumnsAdded(before).Count,
                ["undo_until"] = adoption.UndoUntil,
                ["is_active"] = tenant.IsActive,
            },
        }], cancellationToken);
        return true;
    }

    // Null when the tenant is ready already: an earlier attempt committed, and only its step record was lost.
    private static async Task<TenantAdoption?> FindUnfinishedAsync(
        OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await AdoptionDecision.DemandAdoptableAsync(db, context, cancellationToken);
        return tenant.State == TenantState.Ready ? null
            : await DemandBegunAsync(db, tenant.Id, cancellationToken);
    }

    private static async Task<TenantAdoption> DemandBegunAsync(
        MasterContext db, int tenantId, CancellationToken cancellationToken) =>
        await Adoptions.FindAsync(db, tenantId, cancellationToken) ?? throw new RuleException("operation_overtaken");
}
