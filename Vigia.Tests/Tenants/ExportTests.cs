using System.Text;
using CsvHelper;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenants;

/// <summary>The registry as a CSV file.</summary>
public sealed class ExportTests(PostgresServer server) : CoreClass(server)
{
    private const int Many = 100_000;
    private const long MostGrowth = 96 * 1024 * 1024;

    protected override bool Workers => false;

    [Fact]
    public async Task Export_Filtered_HasTheListsClientsInItsOrderAndIsRecorded()
    {
        await RegisterAsync(NewName("beta"), details: d => d with { LegalName = "Ñandú Salud S.A.C." });
        await RegisterAsync(NewName("alfa"), details: d => d with { LegalName = "Álamo Farma, \"La Buena\" S.A." });
        await RegisterAsync(NewName("otra"), details: d => d with { LegalName = "Zeta", Plan = "profesional" });

        var rows = await ExportAsync(new TenantQuery { Plan = "basico" });

        Assert.Equal(["Álamo Farma, \"La Buena\" S.A.", "Ñandú Salud S.A.C."], rows.Select(r => r["razon_social"]));
        Assert.All(rows, row => Assert.Equal(("registered", "false", "5"), (row["status"], row["is_active"], row["max_usuarios"])));
        var recorded = await Host.ScalarAsync<string>(Host.Master.Database, "SELECT after::text FROM portal.audit_events WHERE action = 'tenants.exported'");
        Assert.Equal("""{"plan": "basico", "clients": 2}""", recorded);
        Assert.Empty(await ExportAsync(new TenantQuery { Q = "nada\0aquí" }));
    }

    [Theory]
    [InlineData("=HYPERLINK(\"http://malo.pe\",\"clic\")")]
    [InlineData("+51 999 888 777")]
    [InlineData("-2+3")]
    [InlineData("@SUM(A1)")]
    [InlineData("=1\r\n+2, \"y más\"")]
    public async Task Export_ACellThatWouldBeAFormula_IsText(string cell)
    {
        var id = await RegisterAsync(NewName("formula"));
        await PostgresServer.ExecuteAsync(Host.Master, $"UPDATE clientes_saas SET contacto_nombre = {Vigia.Core.Postgres.SqlLiteral.Quote(cell)} WHERE id = {id}", Cancellation);

        Assert.Equal("'" + cell, Assert.Single(await ExportAsync(new TenantQuery()))["contacto_nombre"]);
    }

    [Fact]
    public async Task Export_AHundredThousand_InBoundedMemory()
    {
        await PostgresServer.ExecuteAsync(Host.Master, $"""
            INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso, plan, entorno, is_active, db_name, state, server_id)
            SELECT (20000000000 + n)::text, 'Laboratorio número ' || n, 'lab-' || n, 'admin@lab' || n || '.pe', 'basico', 'produccion', true, 'vigia_lab_' || n, 'unmanaged', 1
            FROM generate_series(1, {Many}) n
            """, Cancellation);
        await using var counted = new CountedStream();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        counted.EachMegabyte = () => Math.Max(counted.Peak, GC.GetTotalMemory(forceFullCollection: true) - before);

        await using var scope = Host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<TenantExport>().WriteCsvAsync(Host.Admin, new TenantQuery(), counted, Cancellation);

        Assert.Equal(Many + 1, counted.Lines);
        TestContext.Current.SendDiagnosticMessage($"{Many:N0} clients: {counted.Bytes / 1024 / 1024} MiB of CSV with at most {counted.Peak / 1024.0 / 1024:N1} MiB more on the heap");
        Assert.True(counted.Peak < MostGrowth, $"{counted.Peak:N0} bytes");
    }

    private async Task<List<Dictionary<string, string>>> ExportAsync(TenantQuery query)
    {
        await using var scope = Host.Services.CreateAsyncScope();
        await using var stream = new MemoryStream();
        await scope.ServiceProvider.GetRequiredService<TenantExport>().WriteCsvAsync(Host.Admin, query, stream, Cancellation);
        Assert.Equal(Encoding.UTF8.GetPreamble(), stream.ToArray()[..3]);
        var rows = new List<Dictionary<string, string>>();
        using var reader = CsvReader.Create(stream.ToArray()[3..], null);
        foreach (var row in reader)
        {
            rows.Add(reader.Headers.Zip(row.ToArray()).ToDictionary(p => p.First, p => p.Second));
        }

        return rows;
    }

    // Throws away what is written, counting.
    private sealed class CountedStream : Stream
    {
        private const int Megabyte = 1024 * 1024;
        private long _next = Megabyte;

        public Func<long>? EachMegabyte { get; set; }
        public long Bytes { get; private set; }
        public int Lines { get; private set; }
        public long Peak { get; private set; }
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => Bytes;
        public override long Position { get => Bytes; set => throw new NotSupportedException(); }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Bytes += buffer.Length;
            Lines += buffer.Count((byte)'\n');
            if (Bytes >= _next && EachMegabyte is not null)
            {
                _next += Megabyte;
                Peak = EachMegabyte();
            }
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
