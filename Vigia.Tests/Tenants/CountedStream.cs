using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenants;

/// <summary>Discards all data and counts it.</summary>
internal sealed class CountedStream : Stream
{
    private const int Megabyte = 1024 * 1024;
    private long _next = Megabyte;

    public Func<long>? EachMegabyte { get; set; }
    public Func<Task>? EachWriteAsync { get; set; }
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

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        await (EachWriteAsync?.Invoke() ?? Task.CompletedTask);
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
}

internal static class Exports
{
    /// <summary>
    /// Registers many tenants, in batches that even a busy machine inserts within a command's 30 seconds.
    /// </summary>
    public static async Task AddManyAsync(this CoreHost host, int count)
    {
        for (var first = 1; first <= count; first += 10_000)
        {
            await PostgresServer.ExecuteAsync(host.Master, $"""
                INSERT INTO clientes_saas
                    (ruc, razon_social, subdominio, correo_acceso, plan, entorno, is_active, db_name, state, server_id)
                SELECT (20000000000 + n)::text, 'Laboratorio número ' || n, 'lab-' || n, 'admin@lab' || n || '.pe',
                    'basico', 'produccion', true, 'vigia_lab_' || n, 'unmanaged', 1
                FROM generate_series({first}, {Math.Min(count, first + 9_999)}) n
                """, TestContext.Current.CancellationToken);
        }
    }

    public static async Task ExportAsync(this CoreHost host, TenantQuery query, Stream destination)
    {
        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<TenantExport>()
            .WriteCsvAsync(host.Admin, query, destination, TestContext.Current.CancellationToken);
    }
}
