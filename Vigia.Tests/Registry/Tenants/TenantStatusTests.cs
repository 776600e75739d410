using Vigia.Core.Registry.Tenants;

namespace Vigia.Tests.Registry.Tenants;

public sealed class TenantStatusTests
{
    [Theory]
    [InlineData(TenantState.Ready, true, null, DatabaseCondition.Usable, TenantStatus.Active)]
    [InlineData(TenantState.Ready, true, null, DatabaseCondition.Missing, TenantStatus.DatabaseMissing)]
    [InlineData(TenantState.Ready, true, null, DatabaseCondition.Unreachable, TenantStatus.Unreachable)]
    [InlineData(TenantState.Ready, false, InactiveKind.Suspended, DatabaseCondition.Usable, TenantStatus.Suspended)]
    [InlineData(TenantState.Ready, false, InactiveKind.Suspended, DatabaseCondition.Missing, TenantStatus.Suspended)]
    [InlineData(TenantState.Ready, false, InactiveKind.Withdrawn, DatabaseCondition.Usable, TenantStatus.Withdrawn)]
    [InlineData(TenantState.Ready, false, InactiveKind.Expired, DatabaseCondition.Missing, TenantStatus.Expired)]
    [InlineData(TenantState.Registered, false, null, DatabaseCondition.Missing, TenantStatus.Registered)]
    [InlineData(
        TenantState.Registered, false, InactiveKind.Withdrawn, DatabaseCondition.Usable, TenantStatus.Withdrawn)]
    [InlineData(TenantState.Provisioning, false, null, DatabaseCondition.Missing, TenantStatus.Provisioning)]
    [InlineData(TenantState.Failed, false, null, DatabaseCondition.Missing, TenantStatus.Failed)]
    [InlineData(TenantState.Deleting, false, null, DatabaseCondition.Usable, TenantStatus.Deleting)]
    [InlineData(TenantState.Unmanaged, true, null, DatabaseCondition.Usable, TenantStatus.Active)]
    [InlineData(TenantState.Unmanaged, false, null, DatabaseCondition.Usable, TenantStatus.Suspended)]
    public void Status_OfEachRow_FollowsStateActivityAndDates(
        TenantState state, bool active, InactiveKind? kind, DatabaseCondition database, TenantStatus status) =>
        Assert.Equal(status, TenantStatuses.Of(
            new TenantStanding(state, active, kind), expiresAt: null, database, DateTimeOffset.UtcNow));

    // A tenant without a database expires too: the contract has "expired" before "registered".
    [Theory]
    [InlineData(TenantState.Registered, null, -1, TenantStatus.Expired)]
    [InlineData(TenantState.Registered, null, 1, TenantStatus.Registered)]
    [InlineData(TenantState.Registered, InactiveKind.Withdrawn, -1, TenantStatus.Withdrawn)]
    [InlineData(TenantState.Failed, InactiveKind.Withdrawn, -1, TenantStatus.Failed)]
    [InlineData(TenantState.Provisioning, null, -1, TenantStatus.Provisioning)]
    public void Status_WithAnEnd_FollowsTheOrderOfTheContract(
        TenantState state, InactiveKind? kind, int endsInHours, TenantStatus status)
    {
        var now = DateTimeOffset.UtcNow;
        Assert.Equal(status, TenantStatuses.Of(
            new TenantStanding(state, false, kind), now.AddHours(endsInHours), DatabaseCondition.Usable, now));
    }
}
