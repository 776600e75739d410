using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.OutsideRoles;

/// <summary>
/// Gives the roles of PRODUCT_DB_ROLE and PGBOUNCER_AUTH_ROLE their access to every tenant's database, and takes it
/// away from former ones. It starts by itself when a setting has changed. Databases that are made later get the access
/// when they are provisioned.
/// </summary>
internal sealed class SyncOutsideRoles(
    OutsideAccess access, ServerConnections servers, MasterIdentity identity, TimeProvider time)
    : ManyTenantsDefinition(time)
{
    public static readonly OperationKind KindName = new("sync_outside_roles");

    public override OperationKind Kind => KindName;

    public override string Right => Rights.OperationsControl;

    protected override TimeSpan UsualTime => TimeSpan.FromSeconds(0.05);

    public override IReadOnlyList<Step> StepsFor(Operation operation) =>
    [
        new("join_group", JoinAsync) { KeepsEffects = true },
        new("list_tenants", ListReadyAsync) { KeepsEffects = true },
        new("each_tenant", EachAsync) { KeepsEffects = true },
        new("forget_former", ForgetAsync) { KeepsEffects = true },
    ];

    private async Task JoinAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        foreach (var role in await ReadAsync(context, cancellationToken))
        {
            if (role is { IsWanted: true, Purpose: OutsidePurpose.Product })
            {
                if (await OutsideRoleDdl.ReadAsync(session, role.RoleName, cancellationToken) is null)
                {
                    throw new RuleException("outside_role_missing", role.RoleName);
                }

                await OutsideRoleDdl.JoinTenantGroupAsync(session, role.RoleName, cancellationToken);
            }
        }
    }

    private async Task EachAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var total = await CountAsync(context, null, cancellationToken);
        var over = total - await CountAsync(context, OperationItemState.Pending, cancellationToken);
        while (await PendingAsync(context, cancellationToken) is { Count: > 0 } pending)
        {
            foreach (var tenant in pending)
            {
                var (state, problem) = await OneAsync(context, tenant, cancellationToken);
                await StoreAsync(context, tenant, state, problem, cancellationToken);
                await ReportAsync(context, ++over, total, cancellationToken);
            }
        }

        if (await CountAsync(context, OperationItemState.Failed, cancellationToken) is > 0 and var failed)
        {
            throw new RuleException("items_failed", Text(failed), Text(total));
        }
    }

    // A problem of one tenant is its result. A server that is away, or a lost claim, ends the step.
    private async Task<(OperationItemState State, Message? Problem)> OneAsync(
        OperationContext context, int tenantId, CancellationToken cancellationToken)
    {
        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        if (await FindReadyAsync(context, tenantId, cancellationToken) is not { } database)
        {
            return (OperationItemState.Skipped, new Message("not_ready"));
        }

        Message? problem = null;
        try
        {
            await access.OpenAsync(context, session, database.Id, database.Name, cancellationToken);
        }
        catch (Exception e) when (
            e is not (OperationLostException or OperationCanceledException) && !FailurePolicy.IsTransient(e))
        {
            problem = FailurePolicy.Describe(e);
        }

        // The tenant may be on its way to the trash, which takes the access away and closes the database. This looks
        // again, because the grant may have come after that.
        if (await FindReadyAsync(context, tenantId, cancellationToken) is not null)
        {
            return (problem is null ? OperationItemState.Done : OperationItemState.Failed, problem);
        }

        var marker = DatabaseMarker.ForDatabase(identity.MasterId, database.Id);
        if (await DatabaseDdl.FindByMarkerAsync(session, marker, database.Name, cancellationToken) is { } moved)
        {
            await access.CloseAsync(session, moved.Name, marker, cancellationToken);
        }

        return (OperationItemState.Skipped, new Message("not_ready"));
    }

    private async Task ForgetAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        var pattern = DatabaseMarker.DatabasePattern(identity.MasterId);
        var all = await ReadAsync(context, cancellationToken);
        foreach (var role in all.Where(r => !r.IsWanted))
        {
            // A role that has another purpose now keeps what that needs.
            if (all.Exists(r => r.IsWanted && r.RoleName == role.RoleName))
            {
                continue;
            }

            // Databases of tenants that are not ready, which the list of tenants does not have.
            foreach (var (name, marker) in await OutsideRoleDdl.GrantedAsync(
                session, role.RoleName, pattern, cancellationToken))
            {
                await OutsideRoleDdl.RevokeAsync(session, role.RoleName, name, marker, cancellationToken);
            }

            if (role.Purpose == OutsidePurpose.Product)
            {
                await OutsideRoleDdl.LeaveTenantGroupAsync(session, role.RoleName, cancellationToken);
            }
        }

        var done = all.Where(r => !r.IsWanted).ToList();
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        foreach (var role in done)
        {
            // A setting that came back meanwhile has made the row a wanted one again.
            await db.Set<OutsideRole>()
                .Where(r => r.Purpose == role.Purpose && r.RoleName == role.RoleName && !r.IsWanted)
                .ExecuteDeleteAsync(cancellationToken);
        }

        await context.CommitAsync(db, [], cancellationToken);
    }

    private static async Task<List<OutsideRole>> ReadAsync(
        OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await db.Set<OutsideRole>().AsNoTracking().ToListAsync(cancellationToken);
    }

    private static async Task<ManagedDatabase?> FindReadyAsync(
        OperationContext context, int tenantId, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await OwnDatabases.Of(db, tenantId).AsNoTracking()
            .Where(d => db.Set<Tenant>().Any(t => t.Id == tenantId && t.State == TenantState.Ready))
            .SingleOrDefaultAsync(cancellationToken);
    }
}
