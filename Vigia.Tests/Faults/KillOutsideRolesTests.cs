using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Faults;

/// <summary>The portal is killed while it takes the access of one role away and gives it to another.</summary>
public sealed class KillOutsideRolesTests(PostgresServer server) : KillTestBase(server)
{
    private readonly string _former = $"antes_{Guid.NewGuid().ToString("n")[..12]}";
    private readonly string _next = $"ahora_{Guid.NewGuid().ToString("n")[..12]}";
    private string? _role;

    protected override IReadOnlyDictionary<string, string> Variables =>
        new Dictionary<string, string> { ["PRODUCT_DB_ROLE"] = _role! };

    protected override VigiaSettings Change(VigiaSettings settings) => settings with { ProductDatabaseRole = _role };

    protected override async ValueTask<TenantTemplate?> TemplateAsync()
    {
        _role = _former;
        await AsSuperuserAsync($"CREATE ROLE {_former} LOGIN; CREATE ROLE {_next} LOGIN");
        return null;
    }

    protected override async ValueTask EndAsync() => await AsSuperuserAsync($"DROP ROLE {_former}, {_next}");

    [Fact]
    public async Task Sync_KilledAtItsSteps_EndsWithTheNewRoleAlone()
    {
        foreach (var name in new[] { "uno", "dos" })
        {
            await ProvisionAsync(NewName(name), "demo");
        }

        Assert.Equal(2L, await GrantsAsync(_former));
        _role = _next;
        await using (await CoreHost.StartAsync(Server, workers: false, master: Host.Master, change: Change))
        {
        }

        await using var db = await Host.OpenMasterAsync();
        var kind = new OperationKind("sync_outside_roles");
        var operation = await db.Set<Operation>().Where(o => o.Kind == kind && o.State == OperationState.Queued)
            .Select(o => o.Id).SingleAsync(Cancellation);

        await KillAtEachStepAsync(operation, ["take_away", "join_group", "each_tenant", "list_tenants", "compare"]);

        Assert.Equal((0L, 2L), (await GrantsAsync(_former), await GrantsAsync(_next)));
        Assert.Equal(1L, await Host.ScalarAsync<long>(
            Host.Master.Database, "SELECT count(*) FROM portal.outside_roles"));
    }

    private async Task<long> GrantsAsync(string role) => await Host.ScalarAsync<long>("postgres", $"""
        SELECT count(*) FROM pg_database d, aclexplode(d.datacl) a WHERE a.grantee = '{role}'::regrole
        """);

    private Task AsSuperuserAsync(string sql) =>
        PostgresServer.ExecuteAsync(Server.SuperuserUrl("postgres"), sql, Cancellation);
}
