using Microsoft.EntityFrameworkCore;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Provisioning;
using Vigia.Core.Staff;

namespace Vigia.Core.Tenants;

/// <summary>What an operation on many clients was asked for.</summary>
/// <param name="Request">What to do with each.</param>
/// <param name="Roles">The roles of who asked, at that moment: what needs a right is judged again when its turn comes.</param>
internal sealed record ToggleManyData(TenantBulkRequest Request, IReadOnlyList<string> Roles);

/// <summary>
/// Suspends or reactivates the clients of an operation, each in a transaction with its audit record and its result, so that a worker that dies
/// goes on with the next. One that fails does not stop the rest: the operation fails at its end, and trying again takes up the failed ones only.
/// </summary>
internal sealed class ToggleMany(bool suspends, TenantToggle toggle, TimeProvider time) : ManyTenantsDefinition(time)
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(250);

    public override string Kind => KindOf(suspends);

    public static string KindOf(bool suspends) => suspends ? "suspend_tenants" : "reactivate_tenants";

    /// <summary>Why a client is skipped, as a message code; null when it is not.</summary>
    public static string? WhyNot(TenantStanding tenant, bool suspends, Actor actor) =>
        suspends ? TenantToggle.WhyNotDeactivate(tenant, InactiveKind.Suspended) : TenantToggle.WhyNotReactivate(tenant, actor);

    public override IReadOnlyList<Step> StepsFor(Operation operation) => [new("each_tenant", EachAsync) { Keeps = true }];

    private async Task EachAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var data = context.Data<ToggleManyData>();
        var total = context.Operation.ItemCount ?? 0;
        var pending = await PendingAsync(context, cancellationToken);
        var (over, reported) = (total - await CountAsync(context, OperationItemState.Pending, cancellationToken), Time.GetTimestamp());
        while (pending.Count > 0)
        {
            foreach (var id in pending)
            {
                if (await OneAsync(context, data, id, cancellationToken))
                {
                    return;
                }

                over++;
                if (Time.GetElapsedTime(reported) >= ReportEvery)
                {
                    reported = Time.GetTimestamp();
                    await ReportAsync(context, over, total, cancellationToken);
                }
            }

            pending = await PendingAsync(context, cancellationToken);
        }

        await ReportAsync(context, over, total, cancellationToken);
        if (await CountAsync(context, OperationItemState.Failed, cancellationToken) is > 0 and var failed)
        {
            throw new RuleException("items_failed", Text(failed), Text(total));
        }
    }

    // Whether a person asked to cancel.
    private async Task<bool> OneAsync(OperationContext context, ToggleManyData data, int id, CancellationToken cancellationToken)
    {
        try
        {
            return await ToggleAsync(context, data, id, cancellationToken);
        }
        catch (Exception e) when (e is not (OperationLostException or OperationCanceledException) && !FailurePolicy.IsTransient(e))
        {
            await using var db = await context.OpenMasterAsync(cancellationToken);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            End(await ItemAsync(db, context, id, cancellationToken), OperationItemState.Failed, FailurePolicy.Describe(e));
            return await context.CommitAsync(db, [], cancellationToken);
        }
    }

    private async Task<bool> ToggleAsync(OperationContext context, ToggleManyData data, int id, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var item = await ItemAsync(db, context, id, cancellationToken);
        var actor = context.Actor with { Roles = data.Roles };
        var tenant = await TenantRow.FindAndLockAsync(db, id, cancellationToken);
        var why = tenant is null ? "tenant_unknown" : WhyNot(TenantStanding.Of(tenant), suspends, actor);
        if (tenant is null || why is not null)
        {
            End(item, OperationItemState.Skipped, new Message(why!));
            return await context.CommitAsync(db, [], cancellationToken);
        }

        var (entry, child) = suspends
            ? (toggle.Deactivate(tenant, InactiveKind.Suspended, data.Request.ReasonCode!, data.Request.Reason), null)
            : toggle.Reactivate(tenant, () => TenantProvisioning.Start(tenant, () => context.Begin(db, ProvisionTenant.KindName, tenant)));
        item.ChildOperationId = child;
        End(item, OperationItemState.Done, null);
        return await context.CommitAsync(db, [entry with { OperationId = context.OperationId }], cancellationToken);
    }

    private void End(OperationItem item, OperationItemState state, Message? message) => (item.State, item.Message, item.At) = (state, message, Time.GetUtcNow());

    private static Task<OperationItem> ItemAsync(MasterContext db, OperationContext context, int tenantId, CancellationToken cancellationToken) =>
        db.OperationItems.SingleAsync(i => i.OperationId == context.OperationId && i.TenantId == tenantId, cancellationToken);
}
