using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenants;

/// <summary>The table of the actions that are possible in each state of a tenant.</summary>
public sealed class TenantActionTests(PostgresServer server) : CoreTestBase(server)
{
    private static readonly TenantState[] States = Enum.GetValues<TenantState>();

    [Fact]
    public void OperationKind_OfEveryAction_IsOneOfThisBuildWithTheSameRight()
    {
        var definitions = Host.Get<IEnumerable<OperationDefinition>>().ToDictionary(d => d.Kind);

        var actions = TenantAction.All.Where(action => action.OperationKind is not null).ToList();

        Assert.True(actions.Count >= 8, $"{actions.Count} actions with an operation");
        Assert.All(actions, action => Assert.Equal(action.Right, definitions[action.OperationKind!.Value].Right));
    }

    [Fact]
    public void FindRefusal_WhileTheTenantIsDeleted_RefusesEveryAction() => Assert.All(
        TenantAction.All,
        action => Assert.NotNull(action.FindRefusal(new TenantStanding(TenantState.Deleting, false, null))));

    [Theory]
    [InlineData("rotate_credential", "Ready")]
    [InlineData("prove_isolation", "Ready")]
    [InlineData("fill_demo_data", "Ready")]
    [InlineData("migrate_tenant", "Ready")]
    [InlineData("provision_tenant", "Registered,Failed")]
    [InlineData("reclaim_tenant", "Unmanaged")]
    [InlineData("delete_tenant", "Unmanaged,Registered,Ready,Failed")]
    public void FindRefusal_InEveryState_AllowsExactlyThese(string kind, string states) => Assert.Equal(
        states, string.Join(',', States.Where(state => TenantAction.All
            .Single(action => action.OperationKind?.Code == kind)
            .FindRefusal(new TenantStanding(state, state == TenantState.Ready, null)) is null)));

    [Theory]
    [InlineData(TenantState.Ready, true, null, null, "already_active")]
    [InlineData(TenantState.Ready, false, InactiveKind.Suspended, "already_inactive", null)]
    [InlineData(TenantState.Ready, false, InactiveKind.Withdrawn, "already_inactive", null)]
    [InlineData(TenantState.Registered, false, null, "never_provisioned", null)]
    [InlineData(TenantState.Failed, false, null, "provisioning_failed", "provisioning_failed")]
    [InlineData(TenantState.Provisioning, false, null, "is_provisioning", "is_provisioning")]
    [InlineData(TenantState.Unmanaged, true, null, null, "already_active")]
    public void FindRefusal_SuspendAndReactivate_SayWhy(
        TenantState state, bool active, InactiveKind? kind, string? suspend, string? reactivate)
    {
        var tenant = new TenantStanding(state, active, kind);

        Assert.Equal((suspend, reactivate),
            (TenantAction.Suspend.FindRefusal(tenant), TenantAction.Reactivate.FindRefusal(tenant)));
    }

    [Fact]
    public void FindReactivationRefusal_WithoutTheRightsThatSomeNeed_NamesThem()
    {
        var withdrawn = new TenantStanding(TenantState.Ready, false, InactiveKind.Withdrawn);
        var registered = new TenantStanding(TenantState.Registered, false, null);

        Assert.Equal(
            (TenantAction.UndoNeedsRight, TenantAction.ProvisioningNeedsRight),
            (TenantAction.FindReactivationRefusal(withdrawn, _ => false),
                TenantAction.FindReactivationRefusal(registered, _ => false)));
    }
}
