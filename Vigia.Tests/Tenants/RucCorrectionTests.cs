using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenants;

/// <summary>Correcting a RUC (docs/rules.md#identity-mistakes).</summary>
public sealed class RucCorrectionTests(PostgresServer server) : CoreTestBase(server)
{
    protected override bool Workers => false;

    [Fact]
    public async Task Correct_WithAReason_RecordsBothValues()
    {
        var id = await RegisterAsync(NewName("ruc"));
        var (was, right) = ((await RowAsync(id)).Ruc!, NewRuc());

        Assert.True(await CorrectAsync(id, $" {right[..2]}-{right[2..]} ", "Se escribió mal"));
        Assert.False(await CorrectAsync(id, right, "Otra vez lo mismo"));

        var row = await RowAsync(id);
        Assert.Equal(right, row.Ruc);
        await using var db = await Host.OpenMasterAsync();
        var record = await db.Set<AuditEvent>()
            .SingleAsync(e => e.TenantId == id && e.Action == "tenant.ruc_corrected", Cancellation);
        Assert.Equal(("Se escribió mal", right), (record.Reason, record.Ruc));
        Assert.Contains(was, record.Before, StringComparison.Ordinal);
        Assert.Contains(right, record.After, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Correct_InvalidInput_NamesTheField()
    {
        var id = await RegisterAsync(NewName("ruc"));
        await AssertInvalidAsync("ruc", "ruc_check_digit", () => CorrectAsync(id, "20123456789", "x"));
        await AssertInvalidAsync("ruc", "ruc_required", () => CorrectAsync(id, "", "x"));
        await AssertInvalidAsync("reason", "reason_required", () => CorrectAsync(id, NewRuc(), "  "));
        await AssertRefusedAsync("tenant_unknown", () => CorrectAsync(int.MaxValue, NewRuc(), "x"));
    }

    [Fact]
    public async Task Correct_ToATakenRuc_NamesTheHolder()
    {
        var (one, two, right) = (await RegisterAsync(NewName("uno")), await RegisterAsync(NewName("dos")), NewRuc());
        var ends = await Task.WhenAll(
            new[] { one, two }.Select(
            async id => await Record.ExceptionAsync(() => CorrectAsync(id, right, "A la vez"))));

        var refused = Assert.IsType<RuleException>(Assert.Single(ends, e => e is not null));
        Assert.Equal("ruc_taken", refused.Reason.Code);
        Assert.StartsWith("Laboratorio", refused.Reason.Args[0], StringComparison.Ordinal);
        Assert.Equal(1L, await Host.ScalarAsync<long>(
            Host.Master.Database, $"SELECT count(*) FROM clientes_saas WHERE ruc = '{right}'"));
        Assert.Equal(1L, await Host.ScalarAsync<long>(
            Host.Master.Database, "SELECT count(*) FROM portal.audit_events WHERE action = 'tenant.ruc_corrected'"));
    }

    private async Task<bool> CorrectAsync(int id, string ruc, string reason)
    {
        await using var scope = Host.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<TenantRucCorrection>()
            .CorrectAsync(Host.Admin, id, ruc, reason, Cancellation);
    }
}
