using Vigia.Core.Registry.Audit;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Audit;

/// <summary>Free text in the audit trail, and the names of the tenants that its records are about.</summary>
public sealed class AuditTextTests(PostgresServer server) : CoreTestBase(server)
{
    protected override bool Workers => false;

    [Theory]
    [InlineData("incidente", 1)]
    [InlineData("INCIDENTE doce", 1)]
    [InlineData("falta de pago", 1)]
    [InlineData("ana@nueva.pe", 1)]
    [InlineData("laboratorio algodon", 3)]
    [InlineData("algodon incidente", 1)]
    [InlineData("saul", 1)]
    [InlineData("suspendio", 1)]
    [InlineData("nada de esto", 0)]
    [InlineData("¿?", 0)]
    public async Task List_Text_FindsReasonNameValueAndWords(string text, int found)
    {
        var tenant = await RegisterAsync(NewName("algodon"));
        await WriteAsync(new AuditEntry("tenant.updated")
        {
            TenantId = tenant, Before = new Dictionary<string, object?> { ["correo_acceso"] = "x@vieja.pe" },
            After = new Dictionary<string, object?> { ["correo_acceso"] = "ana@nueva.pe" },
        });
        await WriteAsync(new AuditEntry("tenant.suspended")
        {
            TenantId = tenant, Reason = "falta_de_pago: Incidente doce",
        }, isSupport: true);

        var page = await Host.Get<AuditReader>().ListAsync(
            Host.Admin, new AuditFilter
            {
                Words = AuditFilter.WordsOf(text, word => word == "suspendio" ? ["tenant.suspended"] : []),
            }, 1, 50, Cancellation);

        Assert.Equal(found, page.Items.Count);
        Assert.All(page.Items, e => Assert.StartsWith(
            "Laboratorio algodon", page.Names[e.TenantId!.Value], StringComparison.Ordinal));
    }

    private async Task WriteAsync(AuditEntry entry, bool isSupport = false)
    {
        await using var db = await Host.OpenMasterAsync();
        await Host.Get<AuditTrail>().CommitAsync(db, isSupport ? Host.Support : Host.Admin, entry, Cancellation);
    }
}
