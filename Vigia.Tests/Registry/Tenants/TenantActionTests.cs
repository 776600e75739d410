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

    // Unmanaged, Registered, Provisioning, Ready, Failed, Deleting
    private static readonly string[] ExpectedInStates =
    [
        "Edit: yes, yes, yes, yes, yes, not_ready",
        "CorrectRuc: yes, yes, yes, yes, yes, not_ready",
        "Rename: tenant_unmanaged, yes, is_provisioning, yes, provisioning_failed, is_deleting",
        "Convert: yes, yes, yes, yes, yes, not_ready",
        "Invite: not_ready, not_ready, not_ready, yes, not_ready, not_ready",
        "RotateCredential: not_ready, not_ready, not_ready, yes, not_ready, not_ready",
        "ProveIsolation: not_ready, not_ready, not_ready, yes, not_ready, not_ready",
        "FillDemoData: not_ready, not_ready, not_ready, yes, not_ready, not_ready",
        "RemoveDemoData: not_ready, not_ready, not_ready, yes, not_ready, not_ready",
        "UpgradeSchema: tenant_unmanaged, never_provisioned, is_provisioning, yes, provisioning_failed, is_deleting",
        "Provision: tenant_unmanaged, yes, operation_running, already_provisioned, yes, operation_running",
        "Reclaim: yes, already_managed, already_managed, already_managed, already_managed, already_managed",
        "Adopt: yes, already_managed, already_managed, already_managed, already_managed, already_managed",
        "ConfirmAdoption: not_adopted, not_adopted, not_adopted, not_adopted, not_adopted, not_adopted",
        "UndoAdoption: not_adopted, not_adopted, not_adopted, not_adopted, not_adopted, not_adopted",
        "CompleteAdoption: not_adopted, not_adopted, not_adopted, not_adopted, not_adopted, not_adopted",
        "Delete: tenant_unmanaged, yes, not_ready, yes, yes, not_ready",
        "Suspend: yes, never_provisioned, is_provisioning, yes, provisioning_failed, is_deleting",
        "Withdraw: yes, yes, is_provisioning, yes, yes, is_deleting",
        "Reactivate: yes, yes, is_provisioning, already_active, provisioning_failed, is_deleting",
    ];

    // None, Begun, Adopted, Confirmed, Completed, Undoing. Only these five look at the stage.
    private static readonly string[] ExpectedAtStages =
    [
        "Reclaim: already_managed, adoption_unfinished, already_managed, already_managed, already_managed, "
            + "adoption_unfinished",
        "Adopt: already_managed, yes, already_managed, already_managed, already_managed, adoption_unfinished",
        "ConfirmAdoption: not_adopted, adoption_unfinished, yes, adoption_confirmed, adoption_confirmed, "
            + "adoption_unfinished",
        "UndoAdoption: not_adopted, adoption_unfinished, yes, adoption_confirmed, adoption_confirmed, yes",
        "CompleteAdoption: not_adopted, adoption_unfinished, adoption_not_confirmed, yes, adoption_completed, "
            + "adoption_unfinished",
    ];

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

    [Fact]
    public void FindRefusal_OfEveryActionInEveryState_IsInThisTable() => Assert.Equal(
        ExpectedInStates, TenantAction.All.Select(action => Row(
            action, States.Select(state => new TenantStanding(state, state == TenantState.Ready, null)))));

    [Fact]
    public void FindRefusal_AtEveryStageOfAnAdoption_IsInThisTable()
    {
        var stages = Enum.GetValues<AdoptionStage>();
        var standings = stages.Select(stage => new TenantStanding(
            stage is AdoptionStage.Begun or AdoptionStage.Undoing ? TenantState.Unmanaged : TenantState.Ready,
            true, null)
        { Adoption = stage }).ToList();
        var looking = TenantAction.All.Where(action => standings.Any(standing =>
            action.FindRefusal(standing) != action.FindRefusal(standing with { Adoption = AdoptionStage.None })));

        Assert.Equal(ExpectedAtStages, looking.Select(action => Row(action, standings)));
    }

    /// <summary>The facts of other tables are not read for these actions, so they must not matter.</summary>
    [Fact]
    public void FindRefusal_OfActionsDecidedByTheRow_DependsOnTheRowAlone()
    {
        var actions = TenantAction.All.Where(action => action.IsDecidedByRow).ToList();
        var rows =
            from state in States
            from kind in Enum.GetValues<InactiveKind>().Cast<InactiveKind?>().Append(null)
            from active in new[] { true, false }
            select new TenantStanding(state, active, kind);
        var differing =
            from action in actions
            from row in rows
            from stage in Enum.GetValues<AdoptionStage>()
            from flags in new[] { (true, false), (false, true), (true, true), (false, false) }
            let full = row with { Adoption = stage, DatabaseIsMissing = flags.Item1, IsBeingRestored = flags.Item2 }
            where action.FindRefusal(full) != action.FindRefusal(row)
            select $"{NameOf(action)} {full}";

        Assert.Equal(5, actions.Count);
        Assert.Equal([], differing);
    }

    private static string Row(TenantAction action, IEnumerable<TenantStanding> tenants) =>
        $"{NameOf(action)}: {string.Join(", ", tenants.Select(tenant => action.FindRefusal(tenant) ?? "yes"))}";

    private static string NameOf(TenantAction action) => typeof(TenantAction).GetProperties()
        .Single(property => property.PropertyType == typeof(TenantAction)
            && ReferenceEquals(property.GetValue(null), action)).Name;

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
