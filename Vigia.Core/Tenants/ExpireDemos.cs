using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenants;

/// <summary>Recurring: makes demos inactive whose time is over. Each tenant has its own transaction.</summary>
internal sealed class ExpireDemos(TimeProvider time) : OperationDefinition
{
    public static readonly OperationKind KindName = new("expire_demos");

    public override OperationKind Kind => KindName;

    public override string Right => Rights.OperationsControl;

    public override IReadOnlyList<Step> StepsFor(Operation operation) => [new("expire_due", ExpireDueAsync)];

    // The end of a demo. A database that ever held production data is never closed by itself.
    private static IQueryable<Tenant> Due(MasterContext db, DateTimeOffset now) =>
        db.Set<Tenant>().Where(t => t.Environment == TenantEnvironments.Demo && t.IsActive
            && t.State == TenantState.Ready && t.ExpiresAt <= now
            && !OwnDatabases.Of(db).Any(d => d.TenantId == t.Id && d.EverInProduction));

    private async Task ExpireDueAsync(OperationContext context, CancellationToken cancellationToken)
    {
        List<int> due;
        var now = time.GetUtcNow();
        await using (var db = await context.OpenMasterAsync(cancellationToken))
        {
            due = await Due(db, now).Select(t => t.Id).ToListAsync(cancellationToken);
        }

        await OneByOne.RunAsync(due, id => ExpireAsync(context, id, now, cancellationToken));
    }

    private static async Task ExpireAsync(
        OperationContext context, int id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.FindAndLockAsync(db, id, cancellationToken);
        if (tenant is null || !await Due(db, now).AnyAsync(t => t.Id == id, cancellationToken))
        {
            return;
        }

        var was = ActivationChange.Inactivity(tenant);
        tenant.Expire("fin_de_prueba", now);
        await context.CommitAsync(db, [ActivationChange.Entry("tenant.expired", tenant) with
        {
            OperationId = context.OperationId, Before = was, After = ActivationChange.Inactivity(tenant),
        }], cancellationToken);
    }
}
