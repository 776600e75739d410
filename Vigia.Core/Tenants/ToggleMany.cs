using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenants;

/// <summary>The request of an operation that suspends or reactivates many tenants.</summary>
/// <param name="Request">The change of each tenant.</param>
/// <param name="Rights">
/// Some tenants need an additional right. These are the ones that the person or token held when the operation was
/// requested; each tenant is checked against them when the operation reaches it. A person who retries removes the
/// rights that they lack and adds none.
/// </param>
internal sealed record ToggleManyData(TenantBulkRequest Request, IReadOnlyList<string> Rights)
{
    // Operations of an earlier build stored no rights.
    public IReadOnlyList<string> Rights { get; init; } = Rights ?? [];

    private static readonly string[] AdditionalRights =
        [TenantAction.Withdraw.Right, TenantAction.Provision.Right];

    public static ToggleManyData Of(Actor actor, TenantBulkRequest request) =>
        new(request, [.. AdditionalRights.Where(actor.May)]);
}

/// <summary>
/// Suspends or reactivates the tenants of an operation. Each tenant has its own transaction with audit record and
/// result, so that another worker can continue with the next tenant. A failed tenant does not stop the others: the
/// operation fails at its end, and a retry repeats only the failed tenants.
/// </summary>
internal sealed class ToggleMany(
    bool suspends, ActivationChange activation, IOptions<OperationOptions> options, TimeProvider time)
    : ManyTenantsDefinition(time)
{
    // Before any operation of the kind has ended. See docs/performance.md.
    private static readonly TimeSpan UsualToggle = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan UsualProvisioning = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(250);

    public override OperationKind Kind => KindOf(suspends);

    public override string Right => (suspends ? TenantAction.Suspend : TenantAction.Reactivate).Right;

    protected override TimeSpan UsualTime => UsualToggle;

    public static OperationKind KindOf(bool suspends) => new(suspends ? "suspend_tenants" : "reactivate_tenants");

    /// <summary>Why a tenant is skipped, as a message code; null when it is not.</summary>
    public static string? FindRefusal(TenantStanding tenant, bool suspends, Func<string, bool> may) =>
        suspends ? TenantAction.Suspend.FindRefusal(tenant)
            : TenantAction.Reactivate.FindRefusal(tenant, may);

    public override async Task<RetryPlan?> PlanRetryAsync(
        MasterContext db, Operation operation, CancellationToken cancellationToken)
    {
        var left = Left(db, operation);
        var run = await left.CountAsync(cancellationToken);
        var provisions = suspends ? 0 : await left.CountAsync(
            i => db.Set<Tenant>().Any(t => t.Id == i.TenantId && t.State == TenantState.Registered), cancellationToken);
        return new RetryPlan(run, provisions, await EstimateAsync(
            db, suspends, run, provisions, options.Value.Workers, cancellationToken));
    }

    /// <summary>
    /// Estimates what toggling costs. The tenants are toggled one after another. Each provisioning is an operation of
    /// its own, and the workers share them.
    /// </summary>
    public static async Task<WorkCost> EstimateAsync(
        MasterContext db, bool suspends, int run, int provisions, int workers, CancellationToken cancellationToken)
    {
        var toggling = run * await WorkEstimates.TimePerTenantAsync(
            db, KindOf(suspends), UsualToggle, cancellationToken);
        if (provisions == 0)
        {
            return new WorkCost(toggling);
        }

        var provisioning = provisions * await WorkEstimates.TimePerTenantAsync(
            db, ProvisionTenant.KindName, UsualProvisioning, cancellationToken) / workers;
        return new WorkCost(
            toggling + provisioning,
            provisions * await WorkEstimates.NewDatabaseBytesAsync(db, cancellationToken));
    }

    public override Task OnRetryAsync(
        MasterContext db, Operation operation, Actor actor, CancellationToken cancellationToken)
    {
        var data = JsonSerializer.Deserialize<ToggleManyData>(operation.Data)!;
        operation.Data = JsonSerializer.Serialize(data with { Rights = [.. data.Rights.Where(actor.May)] });
        return base.OnRetryAsync(db, operation, actor, cancellationToken);
    }

    public override IReadOnlyList<Step> StepsFor(Operation operation) =>
        [new("each_tenant", EachAsync) { KeepsEffects = true }];

    private async Task EachAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var data = context.Data<ToggleManyData>();
        var total = context.Operation.ItemCount ?? 0;
        var pending = await PendingAsync(context, cancellationToken);
        var (over, reported) =
            (total - await CountAsync(context, OperationItemState.Pending, cancellationToken), Time.GetTimestamp());
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

    // Returns whether a person asked to cancel.
    private async Task<bool> OneAsync(
        OperationContext context, ToggleManyData data, int id, CancellationToken cancellationToken)
    {
        try
        {
            return await ToggleAsync(context, data, id, cancellationToken);
        }
        catch (Exception e) when (
            e is not (OperationLostException or OperationCanceledException) && !FailurePolicy.IsTransient(e))
        {
            await using var db = await context.OpenMasterAsync(cancellationToken);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            End(await ItemAsync(db, context, id, cancellationToken), OperationItemState.Failed,
                FailurePolicy.Describe(e));
            return await context.CommitAsync(db, [], cancellationToken);
        }
    }

    private async Task<bool> ToggleAsync(
        OperationContext context, ToggleManyData data, int id, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var item = await ItemAsync(db, context, id, cancellationToken);
        var tenant = await TenantRow.FindAndLockAsync(db, id, cancellationToken);
        var why = tenant is null ? "tenant_unknown"
            : FindRefusal(TenantStanding.Of(tenant), suspends, data.Rights.Contains);

        // Somebody made the tenant inactive after this operation was requested. The newer decision stands, because the
        // operation may have waited for days.
        why ??= !suspends && tenant!.InactiveSince > context.Operation.CreatedAt ? "changed_since_request" : null;
        if (tenant is null || why is not null)
        {
            End(item, OperationItemState.Skipped, new Message(why!));
            return await context.CommitAsync(db, [], cancellationToken);
        }

        var (entry, child) = suspends
            ? (activation.Deactivate(
                tenant, InactiveKind.Suspended, data.Request.ReasonCode!, data.Request.Reason), null)
            : activation.Reactivate(
                tenant, () => TenantProvisioning.Start(
                tenant, () => context.Begin(db, ProvisionTenant.KindName, tenant)));
        item.ChildOperationId = child;
        End(item, OperationItemState.Done, null);
        return await context.CommitAsync(db, [entry with { OperationId = context.OperationId }], cancellationToken);
    }

    private void End(OperationItem item, OperationItemState state, Message? message) =>
        (item.State, item.Message, item.At) = (state, message, Time.GetUtcNow());

    private static Task<OperationItem> ItemAsync(
        MasterContext db, OperationContext context, int tenantId, CancellationToken cancellationToken) =>
        db.Set<OperationItem>()
            .SingleAsync(i => i.OperationId == context.OperationId && i.TenantId == tenantId, cancellationToken);
}
