namespace Vigia.Tests.Infrastructure;

/// <summary>
/// One host for all tests of a class, filled once. A fixture for tests that do not disturb each other.
/// </summary>
public abstract class SharedCoreHost(PostgresServer server) : IAsyncLifetime
{
    private CoreHost? _host;

    public CoreHost Host => _host ?? throw new InvalidOperationException("Not started.");

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await CoreHost.StartAsync(server, workers: false);
        await FillAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Adds the content that the tests read.</summary>
    protected virtual Task FillAsync() => Task.CompletedTask;

    /// <summary>Runs statements in the master as the superuser, each in its own transaction.</summary>
    protected async Task ExecuteAsync(params string[] statements)
    {
        foreach (var sql in statements)
        {
            await PostgresServer.ExecuteAsync(server.SuperuserUrl(Host.Master.Database), sql, Cancellation);
        }
    }
}
