using Microsoft.EntityFrameworkCore;
using Npgsql;
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
/// Takes the access to every tenant's database away from former outside roles, and gives it to the roles of
/// PRODUCT_DB_ROLE and PGBOUNCER_AUTH_ROLE. It starts by itself when a setting has changed. Databases that are made
/// later get the access when they are provisioned. It can't be cancelled: a former role would keep its access.
/// </summary>
internal sealed class SyncOutsideRoles(
    OutsideAccess access, ServerConnections servers, MasterIdentity identity, TimeProvider time)
    : ManyTenantsDefinition(time)
{
    public static readonly OperationKind KindName = new("sync_outside_roles");

    private const int MostRounds = 3;
    private const string Busy = "database_busy";

    // Trouble of one database that may be over when all others are.
    private static readonly string[] Passing =
        [Busy, "server_restarting", "server_connection_lost", "server_ended_session"];

    public override OperationKind Kind => KindName;

    public override string Right => Rights.OperationsControl;

    protected override TimeSpan UsualTime => TimeSpan.FromSeconds(0.05);

    public override bool CanCancel(Operation operation) => false;

    // Access is removed first: this must not depend on a new role, nor on the state of any tenant.
    public override IReadOnlyList<Step> StepsFor(Operation operation) =>
    [
        new("take_away", TakeAwayAsync) { KeepsEffects = true },
        new("join_group", JoinAsync) { KeepsEffects = true },
        new("list_tenants", ListReadyAsync) { KeepsEffects = true },
        new("each_tenant", EachAsync) { KeepsEffects = true },
        new("compare", CompareAsync) { KeepsEffects = true },
    ];

    // The last step removes access that can't be removed yet, so that it does not delay the other steps.
    private async Task TakeAwayAsync(OperationContext context, CancellationToken cancellationToken) =>
        await TryTakeAwayAsync(context, cancellationToken);

    // Returns why some access is left; null when none is.
    private async Task<Message?> TryTakeAwayAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        Message? left = null;
        foreach (var role in (await access.ReadAsync(cancellationToken)).Former)
        {
            try
            {
                await access.SetGroupAsync(session, role, cancellationToken);
            }
            catch (Exception e) when (e is RuleException
                or PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable })
            {
                left = FailurePolicy.Describe(e);
            }

            if ((await access.CloseAllAsync(session, role, cancellationToken)).Count > 0)
            {
                left ??= new Message(Busy);
            }
        }

        return left;
    }

    private async Task JoinAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        foreach (var role in (await access.ReadAsync(cancellationToken)).Wanted)
        {
            await access.SetGroupAsync(session, role, cancellationToken);
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

        // A busy database does not delay the others. It is tried again when all others are done.
        foreach (var tenant in await BusyAsync(context, cancellationToken))
        {
            var (state, problem) = await OneAsync(context, tenant, cancellationToken);
            await StoreAsync(context, tenant, state, problem, cancellationToken);
        }

        if (await CountAsync(context, OperationItemState.Failed, cancellationToken) is > 0 and var failed)
        {
            throw new RuleException("items_failed", Text(failed), Text(total));
        }
    }

    private static async Task<List<int>> BusyAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var failed = await db.Set<OperationItem>().AsNoTracking()
            .Where(i => i.OperationId == context.OperationId && i.State == OperationItemState.Failed)
            .OrderBy(i => i.TenantId).ToListAsync(cancellationToken);
        return [.. failed.Where(i => i.Message is { } why && Passing.Contains(why.Code)).Select(i => i.TenantId)];
    }

    // A problem of one tenant is its result, also one that may pass: this operation can't be cancelled, so it must not
    // hang at one database. A server that is away, or a lost claim, ends the step.
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
            await access.OpenAsync(context, session, database.Id, database.Name, false, cancellationToken);
        }
        catch (Exception e) when (
            e is not (OperationLostException or OperationCanceledException or ServerUnreachableException))
        {
            if (TransientFailures.IsTransient(e))
            {
                // The server itself may have gone away in the middle. Then this throws.
                await using var again =
                    await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
            }

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

    // Compares the present server with the present rows. Since the earlier steps, rows may have changed, a missing role
    // may have been created, and tenants may have become ready.
    private async Task CompareAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await JoinAsync(context, cancellationToken);
        var left = await TryTakeAwayAsync(context, cancellationToken);
        for (var round = 1; await LackingAsync(context, cancellationToken) is { Count: > 0 } lacking; round++)
        {
            if (round > MostRounds)
            {
                throw new RuleException("items_failed", Text(lacking.Count), Text(lacking.Count));
            }

            foreach (var tenant in lacking)
            {
                if ((await OneAsync(context, tenant, cancellationToken)).Problem is { } problem && round == MostRounds)
                {
                    left ??= problem;
                }
            }
        }

        if (left is not null)
        {
            throw new RuleException(left);
        }

        await ForgetAsync(context, cancellationToken);
        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        foreach (var role in (await access.ReadAsync(cancellationToken)).Wanted)
        {
            if (await OutsideRoleDdl.ReadAsync(session, role, cancellationToken) is null)
            {
                throw new RuleException("outside_role_missing", role);
            }
        }
    }

    // Ready tenants whose database does not let in a wanted role that the server has.
    private async Task<List<int>> LackingAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        var roles = await access.ReadAsync(cancellationToken);
        var complete = new List<HashSet<string>>();
        foreach (var role in roles.Wanted)
        {
            if (await OutsideRoleDdl.ReadAsync(session, role, cancellationToken) is null)
            {
                continue;
            }

            var pattern = DatabaseMarker.DatabasePattern(identity.MasterId);
            complete.Add([.. (await OutsideRoleDdl.GrantedAsync(session, role, pattern, cancellationToken))
                .Select(granted => granted.Name)]);
            if (role == roles.Pooler)
            {
                complete.Add([.. await OutsideRoleDdl.CallsAsync(session, role, cancellationToken)]);
            }
        }

        if (complete.Count == 0)
        {
            return [];
        }

        await using var db = await context.OpenMasterAsync(cancellationToken);
        var ready = await db.Set<Tenant>().Where(t => t.State == TenantState.Ready && t.DatabaseName != null)
            .OrderBy(t => t.Id).Select(t => new { t.Id, t.DatabaseName }).ToListAsync(cancellationToken);
        return [.. ready.Where(t => complete.Exists(names => !names.Contains(t.DatabaseName!))).Select(t => t.Id)];
    }

    // Former roles have no access any more. If a setting was changed back meanwhile, its row is wanted again and stays.
    private async Task ForgetAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var former = (await access.ReadAsync(cancellationToken)).Rows.Where(r => !r.IsWanted).ToList();
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        foreach (var role in former)
        {
            await db.Set<OutsideRole>()
                .Where(r => r.Purpose == role.Purpose && r.RoleName == role.RoleName && !r.IsWanted
                    && r.ChangedAt == role.ChangedAt)
                .ExecuteDeleteAsync(cancellationToken);
        }

        await context.CommitAsync(db, [], cancellationToken);
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
