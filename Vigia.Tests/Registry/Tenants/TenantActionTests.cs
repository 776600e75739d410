using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Tenants;

/// <summary>The table of the actions that are possible in each state of a tenant.</summary>
public sealed class TenantActionTests(PostgresServer server, TenantActionTests.Portal portal)
    : CoreTestBase(server), IClassFixture<TenantActionTests.Portal>
{
    public sealed class Portal(PostgresServer server) : SharedCoreHost(server);

    protected override CoreHost? Shared => portal.Host;

    private static readonly TenantState[] States = Enum.GetValues<TenantState>();

    [Fact]
    public void OperationKind_OfEveryAction_IsOneOfThisBuildWithTheSameRight()
    {
        var definitions = Host.Get<IEnumerable<OperationDefinition>>().ToDictionary(d => d.Kind);

        var actions = TenantAction.All.Where(action => action.OperationKind is not null).ToList();

        Assert.True(actions.Count >= 8, $"{actions.Count} actions with an operation");
        Assert.All(actions, action => Assert.Equal(action.Right, definitions[action.OperationKind!.Value].Right));
        Assert.All(TrashAction.All, action => Assert.Equal(action.Right, definitions[action.OperationKind].Right));
    }

    [Fact]
    public void FindRefusal_WhileTheTenantIsDeleted_RefusesEveryAction() => Assert.All(
        TenantAction.All,
        action => Assert.NotNull(action.FindRefusal(new TenantStanding(TenantState.Deleting, false, null))));

    [Theory]
    [InlineData("rotate_credential", "Ready")]
    [InlineData("prove_isolation", "Ready")]
    [InlineData("rename_tenant", "Registered,Ready")]
    [InlineData("fill_demo_data", "Ready")]
    [InlineData("migrate_tenant", "Ready")]
    [InlineData("provision_tenant", "Registered,Failed")]
    [InlineData("reclaim_tenant", "Unmanaged")]
    [InlineData("delete_tenant", "Registered,Ready,Failed")]
    public void FindRefusal_InEveryState_AllowsExactlyThese(string kind, string states) => Assert.Equal(
        states, string.Join(',', States.Where(state => TenantAction.All
            .Single(action => action.OperationKind?.Code == kind)
            .FindRefusal(new TenantStanding(state, state == TenantState.Ready, null)) is null)));

    [Theory]
    [InlineData(TenantState.Unmanaged, false, false, "tenant_unmanaged")]
    [InlineData(TenantState.Unmanaged, true, false, null)]
    [InlineData(TenantState.Failed, false, true, "not_ready")]
    [InlineData(TenantState.Failed, false, false, null)]
    public void FindRefusal_Delete_DependsOnDatabaseAndTrash(
        TenantState state, bool isMissing, bool isBeingRestored, string? expected) => Assert.Equal(
        expected, TenantAction.Delete.FindRefusal(new TenantStanding(state, false, null)
        {
            DatabaseIsMissing = isMissing, IsBeingRestored = isBeingRestored,
        }));

    [Fact]
    public void FindRefusal_ConvertDuringARestore_IsRefused() => Assert.Equal(
        "not_ready", TenantAction.Convert.FindRefusal(
            new TenantStanding(TenantState.Failed, false, null) { IsBeingRestored = true }));

    [Theory]
    [InlineData(false, false, false, TrashWork.None, null, "retention_too_short")]
    [InlineData(true, false, false, TrashWork.None, null, null)]
    [InlineData(false, true, false, TrashWork.None, null, null)]
    [InlineData(false, false, true, TrashWork.None, "drop_begun", null)]
    [InlineData(true, true, false, TrashWork.WaitingDrop, null, "operation_running")]
    [InlineData(true, true, false, TrashWork.Other, "operation_running", "operation_running")]
    public void ExplainRefusal_InTheTrash_SaysWhy(
        bool isDue, bool mayDrop, bool dropHasBegun, TrashWork work, string? restore, string? purge)
    {
        var tenant = new TrashStanding(isDue, mayDrop, dropHasBegun, work);

        Assert.Equal((restore, purge), (TrashAction.Restore.ExplainRefusal(tenant)?.Code,
            TrashAction.Purge.ExplainRefusal(tenant)?.Code));
    }

    // A setter says that a value changes; a method says what happened to the tenant.
    [Fact]
    public void Tenant_Setters_ArePrivate() => Assert.Equal([], typeof(Tenant).GetProperties()
        .Where(property => property.SetMethod is { IsPrivate: false }).Select(property => property.Name));

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
    public void FindRefusal_ReactivateWithoutTheNeededRights_NamesThem()
    {
        var withdrawn = new TenantStanding(TenantState.Ready, false, InactiveKind.Withdrawn);
        var registered = new TenantStanding(TenantState.Registered, false, null);

        Assert.Equal(
            (TenantAction.UndoNeedsRight, TenantAction.ProvisioningNeedsRight),
            (TenantAction.Reactivate.FindRefusal(withdrawn, _ => false),
                TenantAction.Reactivate.FindRefusal(registered, _ => false)));
    }

    [Fact]
    public void IsOffered_ReactivateWithoutTheRightToProvision_IsFalse()
    {
        var registered = new TenantStanding(TenantState.Registered, false, null);
        var support = Host.Support with { RightsLimit = [TenantAction.Reactivate.Right] };

        Assert.False(TenantAction.Reactivate.IsOffered(support, registered));
        Assert.True(TenantAction.Reactivate.IsOffered(Host.Admin, registered));
    }
}
