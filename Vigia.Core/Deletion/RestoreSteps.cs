using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Audit;
using Vigia.Core.Databases;
using Vigia.Core.Errors;
using Vigia.Core.Fleet;
using Vigia.Core.Isolation;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Provisioning;
using Vigia.Core.Tenants;

namespace Vigia.Core.Deletion;

/// <summary>Out of the trash: the names were taken when the restore was asked for; now the database gets its name back and is proved to work.</summary>
internal sealed class RestoreSteps(
    TenantContentSteps content, SchemaSteps schema, ProofSteps proof, MasterIdentity identity, ServerConnections servers, TimeProvider time)
{
    public Task RenameAsync(OperationContext context, CancellationToken cancellationToken) =>
        OnDatabaseAsync(context, async (session, marker, found, tenant) =>
        {
            if (found == tenant.DatabaseName)
            {
                return;
            }

            if (await DatabaseDdl.DescribeAsync(session, tenant.DatabaseName!, cancellationToken) is not null)
            {
                throw new RuleException("database_exists_not_ours", tenant.DatabaseName!);
            }

            await DatabaseDdl.RenameAsync(session, marker, found, tenant.DatabaseName!, cancellationToken);
        }, cancellationToken);

    public Task RenameToTrashAsync(OperationContext context, CancellationToken cancellationToken) =>
        OnDatabaseAsync(context, async (session, marker, found, _) =>
        {
            var target = TrashSteps.TrashName(DatabaseMarker.DatabaseIdOf(marker));
            if (found != target)
            {
                await DatabaseDdl.BlockAsync(session, marker, found, cancellationToken);
                await DatabaseDdl.TerminateSessionsAsync(session, found, cancellationToken);
                await DatabaseDdl.RenameAsync(session, marker, found, target, cancellationToken);
            }
        }, cancellationToken);

    public Task OpenAsync(OperationContext context, CancellationToken cancellationToken) =>
        OnDatabaseAsync(context, (session, marker, found, _) => DatabaseDdl.AllowAsync(session, marker, found, cancellationToken), cancellationToken);

    public Task BlockAsync(OperationContext context, CancellationToken cancellationToken) =>
        OnDatabaseAsync(context, (session, marker, found, _) => DatabaseDdl.BlockAsync(session, marker, found, cancellationToken), cancellationToken);

    /// <summary>While it lay in the trash the portal may have become newer.</summary>
    public Task MigrateAsync(OperationContext context, CancellationToken cancellationToken) =>
        OnDatabaseAsync(context, async (_, marker, found, _) =>
        {
            if (Data(context).State == TenantState.Ready)
            {
                await schema.BringUpAsync(context, found, marker, cancellationToken);
            }
        }, cancellationToken);

    public Task VerifyAsync(OperationContext context, CancellationToken cancellationToken) =>
        OnDatabaseAsync(context, async (_, _, found, _) =>
        {
            if (Data(context).State == TenantState.Ready)
            {
                await content.VerifyAsTenantAsync(context.TenantId, found, cancellationToken);
            }
        }, cancellationToken);

    /// <summary>As after provisioning: what lay in the trash may have been opened to somebody meanwhile.</summary>
    public Task ProveAsync(OperationContext context, CancellationToken cancellationToken) =>
        OnDatabaseAsync(context, async (_, _, found, _) =>
        {
            if (Data(context).State == TenantState.Ready)
            {
                await proof.ProveAsync(context, found, ProofCause.Restore, cancellationToken);
            }
        }, cancellationToken);

    public async Task ReturnAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        if (await db.Trash.SingleOrDefaultAsync(t => t.Id == context.TenantId, cancellationToken) is not { } trashed)
        {
            return;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await db.Tenants.SingleAsync(t => t.Id == context.TenantId, cancellationToken);
        var before = Data(context);
        tenant.State = before.State;
        tenant.IsActive = before.IsActive;

        // Tokens of before the deletion stay refused.
        tenant.TokensValidAfter = time.GetUtcNow();
        if (await db.Databases.SingleOrDefaultAsync(d => d.TenantId == tenant.Id, cancellationToken) is { } database)
        {
            database.Name = tenant.DatabaseName!;
            database.Kind = DatabaseKind.Tenant;
        }

        db.Trash.Remove(trashed);
        await context.CommitAsync(db, [new AuditEntry("tenant.restored")
        {
            TenantId = tenant.Id,
            Ruc = tenant.Ruc,
            Subdomain = tenant.Subdomain,
            OperationId = context.OperationId,
            After = new Dictionary<string, object?> { ["subdominio"] = tenant.Subdomain, ["db_name"] = tenant.DatabaseName, ["is_active"] = tenant.IsActive },
        }], cancellationToken);
    }

    private static (TenantState State, bool IsActive) Data(OperationContext context)
    {
        var data = context.Data<RestoreData>();
        return (Enum.Parse<TenantState>(data.State, ignoreCase: true), data.IsActive);
    }

    private async Task OnDatabaseAsync(
        OperationContext context, Func<NpgsqlConnection, string, string, Tenant, Task> action, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var tenant = await db.Tenants.AsNoTracking().SingleAsync(t => t.Id == context.TenantId, cancellationToken);
        if (await db.Databases.AsNoTracking().SingleOrDefaultAsync(d => d.TenantId == tenant.Id, cancellationToken) is not { } database)
        {
            return;
        }

        var marker = DatabaseMarker.ForDatabase(identity.MasterId, database.Id);
        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        var found = await DatabaseDdl.FindByMarkerAsync(session, marker, cancellationToken) ?? throw new RuleException("database_missing", database.Name);
        if (found.ConnectionLimit == DatabaseDdl.UnfinishedDrop)
        {
            throw new RuleException("database_half_dropped", found.Name);
        }

        await action(session, marker, found.Name, tenant);
    }
}
