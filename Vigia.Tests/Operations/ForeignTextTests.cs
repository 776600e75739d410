using Microsoft.EntityFrameworkCore;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Operations;

/// <summary>Texts of a server or of a database are cut before they are stored or answered.</summary>
public sealed class ForeignTextTests(PostgresServer server) : CoreTestBase(server)
{
    private const int Long = 200_000;

    [Fact]
    public async Task Marker_OfSomebodyElse_IsCutWhereItIsRead()
    {
        var tenant = await ReadyAsync(NewName("comentada"));
        await PostgresServer.ExecuteAsync(Server.SuperuserUrl("postgres"),
            $"COMMENT ON DATABASE \"{tenant.DatabaseName}\" IS '{new string('x', Long)}'", Cancellation);

        await AssertFailsShortlyAsync(tenant, "database_not_ours", 100);
    }

    [Fact]
    public async Task Error_RaisedByATrigger_IsCutWhereItIsDescribed()
    {
        var tenant = await ReadyAsync(NewName("gritona"));
        await PostgresServer.ExecuteAsync(Server.SuperuserUrl(tenant.DatabaseName!), $"""
            CREATE FUNCTION public.shout() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '%', repeat('ñ', {Long}); END $$;
            CREATE TRIGGER shout BEFORE UPDATE ON public.tenant_limits FOR EACH ROW EXECUTE FUNCTION public.shout()
            """, Cancellation);

        await AssertFailsShortlyAsync(tenant, "server_error", 2_001);
    }

    private async Task AssertFailsShortlyAsync(Tenant tenant, string code, int longest)
    {
        var seen = TenantDetails.Of(await RowAsync(tenant.Id));
        await Host.Get<TenantEditing>().UpdateAsync(
            Host.Admin, tenant.Id, seen, seen with { MaxUsers = seen.MaxUsers + 1 }, Cancellation);
        await using var db = await Host.OpenMasterAsync();
        var operation = await Host.EndOfAsync(
            await db.Set<Operation>().Where(o => o.TenantId == tenant.Id).OrderByDescending(o => o.CreatedAt)
                .Select(o => o.Id).FirstAsync(Cancellation));

        Assert.Equal((OperationState.Failed, code), (operation.State, operation.Error!.Code));
        Assert.Equal(longest, operation.Error.Args.Max(arg => arg.Length));
        var record = await db.Set<AuditEvent>().SingleAsync(
            e => e.OperationId == operation.Id && e.Action == "operation.failed", Cancellation);
        Assert.InRange(record.Body.Length, 1, 20_000);
    }
}
