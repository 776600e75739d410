using Npgsql;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.Tenancy;

/// <summary>
/// An open session of a tenant's own role in its own database, for one request. Dispose it as soon as the request does
/// not need it: others may be waiting for its connection. A request that opens a second one while it holds the first
/// may wait in vain.
/// </summary>
public sealed class TenantSession : IAsyncDisposable
{
    private readonly Func<ValueTask> _release;
    private TenantContext? _context;
    private int _isDisposed;

    internal TenantSession(TenantEntry tenant, NpgsqlConnection connection, Func<ValueTask> release) =>
        (Tenant, Connection, _release) = (tenant, connection, release);

    /// <summary>The tenant, as it was when the session was opened.</summary>
    public TenantEntry Tenant { get; }

    /// <summary>The open connection. It is closed with the session.</summary>
    public NpgsqlConnection Connection { get; }

    /// <summary>The tenant's database on this connection. Made when it is first asked for.</summary>
    public TenantContext Context => _context ??= TenantContextFactory.On(Connection);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        try
        {
            if (_context is not null)
            {
                await _context.DisposeAsync();
            }
        }
        finally
        {
            await _release();
        }
    }
}
