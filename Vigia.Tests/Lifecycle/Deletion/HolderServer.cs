using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Deletion;

/// <summary>
/// A server that allows prepared transactions and logical replication. A server that <c>VIGIA_TEST_POSTGRES</c> names
/// must be configured with <c>max_prepared_transactions</c> above 0 and <c>wal_level = logical</c>.
/// </summary>
public sealed class HolderServer : IAsyncLifetime
{
    private PostgresServer? _server;

    public PostgresServer Server => _server ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync() => _server = await PostgresServer.StartNewAsync(
        new PostgresServerOptions
        {
            MaxConnections = 100,
            Settings = ["max_prepared_transactions = 20", "wal_level = logical", "max_wal_senders = 2"]
        });

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
