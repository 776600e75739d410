using System.Text;
using CsvHelper;
using Vigia.Core.Postgres;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenants;

/// <summary>The registry as a CSV file.</summary>
public sealed class ExportTests(PostgresServer server) : CoreTestBase(server)
{
    protected override bool Workers => false;

    [Fact]
    public async Task Export_WithAFilter_MatchesTheListAndIsRecorded()
    {
        await RegisterAsync(NewName("beta"), details: d => d with { LegalName = "Ñandú Salud S.A.C." });
        await RegisterAsync(NewName("alfa"), details: d => d with { LegalName = "Álamo Farma, \"La Buena\" S.A." });
        await RegisterAsync(NewName("otra"), details: d => d with { LegalName = "Zeta", Plan = "profesional" });

        var rows = await ExportAsync(new TenantQuery { Plan = "basico" });

        Assert.Equal(["Álamo Farma, \"La Buena\" S.A.", "Ñandú Salud S.A.C."], rows.Select(r => r["razon_social"]));
        Assert.All(rows, row =>
            Assert.Equal(("registered", "false", "5"), (row["status"], row["is_active"], row["max_usuarios"])));
        var recorded = await Host.ScalarAsync<string>(
            Host.Master.Database, "SELECT after::text FROM portal.audit_events WHERE action = 'tenants.exported'");
        Assert.Equal("""{"plan": "basico", "clients": 2}""", recorded);
        Assert.Empty(await ExportAsync(new TenantQuery { Q = "nada\0aquí" }));

        Assert.All(
            await ExportAsync(new TenantQuery { IsManaged = true, IsActive = false }),
            row => Assert.Equal(("true", "registered"), (row["managed"], row["state"])));
        Assert.Equal(
            """{"clients": 3, "managed": true, "is_active": false}""",
            await Host.ScalarAsync<string>(
                Host.Master.Database,
                "SELECT after::text FROM portal.audit_events WHERE action = 'tenants.exported' "
                + "ORDER BY seq DESC LIMIT 1"));
    }

    [Theory]
    [InlineData("=HYPERLINK(\"http://malo.pe\",\"clic\")")]
    [InlineData("+51 999 888 777")]
    [InlineData("-2+3")]
    [InlineData("@SUM(A1)")]
    [InlineData("=1\r\n+2, \"y más\"")]
    public async Task Export_CellThatLooksLikeAFormula_IsText(string cell)
    {
        var id = await RegisterAsync(NewName("formula"));
        await PostgresServer.ExecuteAsync(
            Host.Master, $"UPDATE clientes_saas SET contacto_nombre = {SqlLiteral.Quote(cell)} WHERE id = {id}",
            Cancellation);

        Assert.Equal("'" + cell, Assert.Single(await ExportAsync(new TenantQuery()))["contacto_nombre"]);
    }

    [Fact]
    public async Task Export_TheReaderStalls_HoldsNoLockMeanwhile()
    {
        await Host.AddManyAsync(3_000);
        await using var owner = await PostgresServer.OpenAsync(Host.Master, Cancellation);
        var stalls = 0;
        await using var stalled = new CountedStream();
        stalled.EachWriteAsync = async () =>
        {
            // Takes the lock that the product's ALTER TABLE needs, while the browser reads nothing.
            await PostgresServer.LockAloneAsync(owner, "clientes_saas", Cancellation);
            stalls++;
        };

        await Host.ExportAsync(new TenantQuery(), stalled);

        Assert.Equal(3_001, stalled.Lines);
        Assert.True(stalls > 2, $"{stalls}");
    }

    private async Task<List<Dictionary<string, string>>> ExportAsync(TenantQuery query)
    {
        await using var stream = new MemoryStream();
        await Host.ExportAsync(query, stream);
        Assert.Equal(Encoding.UTF8.GetPreamble(), stream.ToArray()[..3]);
        var rows = new List<Dictionary<string, string>>();
        using var reader = CsvReader.Create(stream.ToArray()[3..], null);
        foreach (var row in reader)
        {
            rows.Add(reader.Headers.Zip(row.ToArray()).ToDictionary(p => p.First, p => p.Second));
        }

        return rows;
    }
}
