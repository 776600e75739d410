using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Portal.Components.Operations;

namespace Vigia.Tests.Components.Operations;

/// <summary>The name of the work on one tenant, on the page of an operation on many.</summary>
public sealed class ChildKindTests
{
    [Fact]
    public void ChildOf_OperationOnManyTenants_IsWhatItBegins()
    {
        Assert.Same(TenantAction.Adopt, ChildOf(FleetAdoption.AdoptManyKind));
        Assert.Same(TenantAction.UpgradeSchema, ChildOf(SchemaUpgradeService.UpgradeManyKind));
    }

    private static TenantAction ChildOf(OperationKind kind) =>
        OperationDetailsPage.ChildOf(new Operation { Kind = kind, RequestedByName = "Ana" });
}
