using Microsoft.EntityFrameworkCore;
using Vigia.Core.Operations;

namespace Vigia.Core.Tenants;

/// <summary>Recurring: a demo whose days are over is deactivated (facts 7.11). Each client is a transaction of its own.</summary>
internal sealed class ExpireDemos(TimeProvider time) : OperationDefinition
{
    public const string KindName = "expire_demos";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> StepsFor(Operation operation) => [new("expire_due", ExpireDueAsync)];

    private async Task ExpireDueAsync(OperationContext context, CancellationToken cancellationToken)
    {
        List<int> due;
        var now = time.GetUtcNow();
        await using (var db = await context.OpenMasterAsync(cancellationToken))
        {
            due = await db.Tenants.Where(t => t.Environment == TenantEnvironments.Demo && t.IsActive && t.State == TenantState.Ready && t.ExpiresAt <= now)
                .Select(t => t.Id).ToListAsync(cancellationToken);
        }

        foreach (var id in due)
        {
            await using var db = await context.OpenMasterAsync(cancellationToken);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            var tenant = await TenantRow.FindAndLockAsync(db, id, cancellationToken);
            if (tenant is not { IsActive: true, State: TenantState.Ready } || tenant.ExpiresAt is null || tenant.ExpiresAt > now)
            {
                continue;
            }

            var was = TenantToggle.Inactivity(tenant);
            tenant.IsActive = false;
            tenant.TokensValidAfter = now;
            (tenant.InactiveKind, tenant.InactiveReasonCode, tenant.InactiveSince) = (InactiveKind.Expired, "fin_de_prueba", now);
            await context.CommitAsync(db, [TenantToggle.Entry("tenant.expired", tenant) with
            {
                OperationId = context.OperationId, Before = was, After = TenantToggle.Inactivity(tenant),
            }], cancellationToken);
        }
    }
}
