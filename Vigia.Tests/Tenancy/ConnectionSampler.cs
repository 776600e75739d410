using Npgsql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenancy;

/// <summary>Asks the server all the time how many connections of some instances it has.</summary>
internal sealed class ConnectionSampler : IAsyncDisposable
{
    private readonly CancellationTokenSource _end;
    private readonly Task<long> _most;

    private ConnectionSampler(PostgresUrl server, string[] names)
    {
        _end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        _most = RunAsync(server, names, _end.Token);
    }

    public static ConnectionSampler Start(PostgresUrl server, IEnumerable<string> applicationNames) =>
        new(server, [.. applicationNames]);

    /// <summary>Ends the asking. The largest number that was seen.</summary>
    public async Task<long> MostAsync()
    {
        await _end.CancelAsync();
        return await _most;
    }

    public async ValueTask DisposeAsync()
    {
        await MostAsync();
        _end.Dispose();
    }

    private static async Task<long> RunAsync(PostgresUrl server, string[] names, CancellationToken end)
    {
        var most = 0L;
        await using var session = await PostgresServer.OpenAsync(server, TestContext.Current.CancellationToken);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        do
        {
            await using var command = new NpgsqlCommand(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = ANY ($1)", session);
            command.Parameters.Add(new() { Value = names });
            most = Math.Max(most, (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!);
        }
        while (await TicksAsync(timer, end));

        return most;
    }

    private static async Task<bool> TicksAsync(PeriodicTimer timer, CancellationToken end)
    {
        try
        {
            return await timer.WaitForNextTickAsync(end);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
