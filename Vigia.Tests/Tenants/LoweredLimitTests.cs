using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenants;

public sealed class LoweredLimitTests(PostgresServer server) : CoreTestBase(server)
{
    [Fact]
    public async Task Limit_LoweredBelowTheUsage_RemovesNothingAndAcceptsNothingMore()
    {
        var tenant = await ReadyAsync(NewName("uso"));
        await AsTenantAsync(
            tenant, "INSERT INTO users (email, hashed_password) SELECT 'u' || i, 'x' FROM generate_series(1, 3) i");
        await AsTenantAsync(
            tenant,
            """
            INSERT INTO establecimientos (nombre) VALUES ('uno'), ('dos');
            INSERT INTO comprobantes (tipo, serie, numero, fecha_emision, estado)
            VALUES ('factura', 'F001', 1, now(), 'emitido')
            """);
        var content = await Host.Get<TenantContents>().CountAsync(Host.Admin, tenant.Id, Cancellation);
        Assert.Equal((4L, 2L, 1L), (content!.ActiveUsers, content.ActiveEstablishments, content.DocumentsThisMonth));

        var seen = TenantDetails.Of(tenant);
        var wanted = seen with { MaxUsers = 3, MaxEstablishments = 2, MaxDocuments = 0, LimitIssuance = true };
        Assert.Equal([("max_usuarios", 4L, 3L), ("max_comprobantes", 1L, 0L)], content.LoweredBelowUse(seen, wanted));
        Assert.Empty(content.LoweredBelowUse(wanted, wanted));
        Assert.Empty(content.LoweredBelowUse(seen, wanted with { MaxUsers = 4, LimitIssuance = false }));

        await using var scope = Host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<TenantEditing>()
            .UpdateAsync(Host.Admin, tenant.Id, seen, wanted, Cancellation);
        await Eventually.HoldsAsync(
            "the limits are applied",
            async () => await RowAsync(tenant.Id) is var row && row.LimitsAppliedRevision == row.LimitsRevision,
            Cancellation);

        Assert.Equal("VL001",
            (await Assert.ThrowsAsync<PostgresException>(
            () => AsTenantAsync(tenant, "INSERT INTO users (email, hashed_password) VALUES ('more', 'x')"))).SqlState);
        Assert.Equal(4L, (await Host.Get<TenantContents>()
            .CountAsync(Host.Admin, tenant.Id, Cancellation))!.ActiveUsers);
    }

    /// <summary>The first administrator can always be added, whatever the limit is. Nobody else can.</summary>
    [Fact]
    public async Task Provision_WithZeroUsers_StillCreatesTheAdministrator()
    {
        var id = (await Host.Get<TenantRegistration>().RegisterAsync(
            Host.Admin, Request(NewName("cero"), r => r with { Provision = true }, d => d with { MaxUsers = 0 }),
            Cancellation)) is { OperationId: { } operation } registered
            && (await Host.EndOfAsync(operation)).State == OperationState.Succeeded ? registered.TenantId : 0;

        var tenant = await RowAsync(id);
        Assert.Equal("VL001",
            (await Assert.ThrowsAsync<PostgresException>(
            () => AsTenantAsync(tenant, "INSERT INTO users (email, hashed_password) VALUES ('more', 'x')"))).SqlState);
    }

    private async Task AsTenantAsync(Tenant tenant, string sql)
    {
        await using var session = await Host.Get<TenantConnections>()
            .OpenAsync(tenant.Id, tenant.DatabaseName!, Cancellation);
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
