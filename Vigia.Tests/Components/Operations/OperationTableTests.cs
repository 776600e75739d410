using Bunit;
using Vigia.Core.Operations;
using Vigia.Portal;
using Vigia.Portal.Components.Operations;
using Vigia.Portal.Components.Shared;
using Vigia.Tests.Components.Shared;

namespace Vigia.Tests.Components.Operations;

public sealed class OperationTableTests : ComponentTest
{
    [Fact]
    public void OperationTable_Row_LeadsToItsOperationAndItsTenant()
    {
        var operation = Of(OperationState.Succeeded);

        var table = Table(operation, showTenant: true);

        Assert.Equal([PortalUrls.Operation(operation.Id), PortalUrls.Tenant(7)],
            table.FindAll("tbody a").Select(a => a.GetAttribute("href")));
        Assert.Equal("Andes S.A.C.", TextOf(table.FindAll("tbody a")[1]));
    }

    [Theory]
    [InlineData(true, 6)]
    [InlineData(false, 5)]
    public void OperationTable_OnATenantsPage_HasNoColumnForTheTenant(bool showTenant, int columns)
    {
        var table = Table(Of(OperationState.Queued), showTenant);

        Assert.Equal(columns, table.FindAll("th").Count);
        Assert.Equal(columns, table.FindAll("tbody td").Count);
    }

    [Theory]
    [InlineData(OperationState.Queued, 0)]
    [InlineData(OperationState.Running, 1)]
    [InlineData(OperationState.Succeeded, 0)]
    public void OperationTable_OperationAtWork_HasAProgressLine(OperationState state, int lines) =>
        Assert.Equal(lines, Table(Of(state), true).FindComponents<ProgressLine>().Count);

    private IRenderedComponent<OperationTable> Table(Operation operation, bool showTenant) =>
        Render<OperationTable>(p => p.Add(t => t.Items, [operation]).Add(t => t.ShowTenant, showTenant));

    private Operation Of(OperationState state) => new()
    {
        Kind = new("provision_tenant"), RequestedByName = "Ana", State = state, TenantId = 7,
        TenantName = "Andes S.A.C.", Subdomain = "andes", Ruc = "20131312955", CreatedAt = Time.GetUtcNow(),
        StartedAt = state == OperationState.Queued ? null : Time.GetUtcNow(), Progress = 40,
    };
}
