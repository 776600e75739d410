using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Adoption;

/// <summary>Demands a stage of an adoption. Operations call it each time they run.</summary>
internal static class AdoptionStages
{
    /// <exception cref="RuleException">A refusal of <see cref="TenantAction.UndoAdoption"/>.</exception>
    public static void DemandUndoable(Tenant tenant, AdoptionStage stage) =>
        TenantAction.UndoAdoption.Demand(TenantStanding.Of(tenant) with { Adoption = stage });

    /// <exception cref="RuleException">A refusal of <see cref="TenantAction.CompleteAdoption"/>.</exception>
    public static void DemandCompletable(Tenant tenant, AdoptionStage stage) =>
        TenantAction.CompleteAdoption.Demand(TenantStanding.Of(tenant) with { Adoption = stage });
}
