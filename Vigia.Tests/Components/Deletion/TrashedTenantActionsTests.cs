using Bunit;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Portal.Components.Deletion;
using Vigia.Tests.Components.Shared;

namespace Vigia.Tests.Components.Deletion;

public sealed class TrashedTenantActionsTests : ComponentTest
{
    [Theory]
    [InlineData(StaffRoles.Administrator, false, "Restaurar Destruir")]
    [InlineData(StaffRoles.Operator, false, "Restaurar")]
    [InlineData(StaffRoles.Support, false, "")]
    [InlineData(StaffRoles.Administrator, true, "Deshacer y restaurar")]
    public void TrashedTenantActions_Person_IsOfferedTheActionsOfTheirRights(string role, bool isLead, string buttons)
    {
        var actions = Actions(role, null, isLead);

        Assert.Equal(buttons, string.Join(' ', actions.FindAll("button").Select(TextOf)));
        Assert.All(actions.FindAll("button"), button => Assert.False(button.HasAttribute("disabled")));
    }

    // Other work on the tenant has to end first. The reason stands beside the row, and the buttons refer to it.
    [Fact]
    public void TrashedTenantActions_WhileARestoreRuns_AreDisabledAndDescribed()
    {
        var work = new Operation
        {
            Kind = TrashAction.Restore.OperationKind, RequestedByName = "Ana", State = OperationState.Running,
            TenantId = 7,
        };

        var actions = Actions(StaffRoles.Administrator, work, isLead: false);

        Assert.Equal(2, actions.FindAll("button").Count);
        Assert.All(actions.FindAll("button"), button =>
        {
            Assert.True(button.HasAttribute("disabled"));
            Assert.Equal("work-7", button.GetAttribute("aria-describedby"));
        });
    }

    private IRenderedComponent<TrashedTenantActions> Actions(string role, Operation? work, bool isLead) =>
        Render<TrashedTenantActions>(p => p
            .Add(a => a.Item, new TrashedTenant
            {
                Id = 7, Ruc = "20131312955", LegalName = "Andes S.A.C.", Subdomain = "andes", Row = "{}",
                DeletedByName = "Ana", Reason = "x", PurgeAfter = Time.GetUtcNow().AddDays(-1),
            })
            .Add(a => a.Work, work).Add(a => a.Actor, new Actor(Guid.NewGuid(), "Ana", null, [role]))
            .Add(a => a.IsLead, isLead));
}
