using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Reclaiming;

/// <summary>The data of a reclaim operation.</summary>
internal sealed record ReclaimData(string Reason);

/// <summary>
/// Reclaims a tenant's database. Cancelling undoes nothing: a marked and closed database is safer than an open one, and
/// the next request continues from there.
/// </summary>
internal sealed class ReclaimTenant(ReclaimSteps steps, LoginRoleSteps roles) : OperationDefinition
{
    public static readonly OperationKind KindName = TenantAction.Reclaim.OperationKind!.Value;

    public override OperationKind Kind => KindName;

    public override string Right => TenantAction.Reclaim.Right;

    public override IReadOnlyList<Step> StepsFor(Operation operation) =>
    [
        new("inspect", steps.InspectAsync),
        new("mark", steps.MarkAsync) { KeepsEffects = true },
        new("isolate", roles.IsolateAsync) { KeepsEffects = true },
        new("prove", steps.ProveAsync) { KeepsEffects = true },
        new("return", steps.ReturnAsync),
    ];

    public override bool CanCancel(Operation operation) => true;

    public override async Task<bool> IsTooLateToCancelAsync(
        OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await db.Set<Tenant>()
            .AnyAsync(t => t.Id == context.TenantId && t.State == TenantState.Ready, cancellationToken);
    }
}

public static class ReclaimingServices
{
    /// <summary>Registers the services that reclaim databases which lost their marker.</summary>
    public static IServiceCollection AddReclaiming(this IServiceCollection services)
    {
        services.AddSingleton<ReclaimSteps>();
        services.AddSingleton<OperationDefinition, ReclaimTenant>();
        services.AddScoped<TenantReclaiming>();
        return services;
    }
}
