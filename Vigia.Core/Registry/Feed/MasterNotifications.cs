using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Vigia.Core.Registry.Feed;

/// <summary>
/// Listens to the master on one connection and passes every notification to <see cref="ChangeFeed"/>. A lost connection
/// is opened again, and then everything counts as changed. When notifications do not arrive (because of a pooler), it
/// logs a warning, and everything counts as changed every few seconds.
/// State of the process: whether notifications arrive, and whether the connection was lost.
/// </summary>
public sealed partial class MasterNotifications(
    NpgsqlDataSource master, ChangeFeed feed, TimeProvider time, ILogger<MasterNotifications> logger)
    : BackgroundService
{
    private const string ProofChannel = "vigia_proof";
    private const int PingSeconds = 2;
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    private static readonly Dictionary<string, ChangeTopic> Channels = new()
    {
        ["vigia_operations"] = ChangeTopic.Operations,
        ["vigia_tenant_work"] = ChangeTopic.TenantWork,
        ["vigia_tenants"] = ChangeTopic.Tenants,
        ["vigia_work"] = ChangeTopic.Work,
        ["vigia_staff"] = ChangeTopic.Staff,
        ["vigia_audit"] = ChangeTopic.Audit,
        ["vigia_service_accounts"] = ChangeTopic.ServiceAccounts,
    };

    private static readonly TimeSpan ProofWithin = TimeSpan.FromSeconds(5);
    private readonly string _proof = Guid.NewGuid().ToString("N");
    private bool _proved;
    private bool _listens;

    /// <summary>
    /// Whether notifications do not arrive, because MASTER_DATABASE_URL does not point directly at the server.
    /// </summary>
    public bool IsPolling { get; private set; }

    /// <summary>Whether the connection that listens was lost, and none has taken its place yet.</summary>
    public bool IsLost { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The loop must survive every exception. Without notifications no page shows changes, and an
                // exception that leaves this method would stop the process.
                IsLost = true;
                LogLost(logger, e.Message);

                // A session that was ended alone is opened again at once. A master that is away gets time.
                if (!_listens)
                {
                    await WaitAsync(stoppingToken);
                }

                _listens = false;
            }
        }
    }

    private async Task WaitAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.Delay(Retry, time, stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The loop ends.
        }
    }

    private async Task ListenAsync(CancellationToken stoppingToken)
    {
        await using var connection = await master.OpenConnectionAsync(stoppingToken);
        connection.Notification += (_, notification) => Receive(notification.Channel, notification.Payload);
        var channels = string.Concat(Channels.Keys.Append(ProofChannel).Select(channel => $"LISTEN {channel};"));
        await using (var listen = new NpgsqlCommand(channels, connection))
        {
            await listen.ExecuteNonQueryAsync(stoppingToken);
        }

        _proved = false;
        await using (var notify = master.CreateCommand("SELECT pg_notify('vigia_proof', $1)"))
        {
            notify.Parameters.Add(new() { Value = _proof });
            await notify.ExecuteNonQueryAsync(stoppingToken);
        }

        _listens = true;
        IsLost = false;
        feed.PublishEverything();
        while (true)
        {
            // An endless wait would not notice a connection that died silently. Therefore every round sends a query.
            if (!await connection.WaitAsync(ProofWithin, stoppingToken))
            {
                await using var alive = new NpgsqlCommand("SELECT 1", connection) { CommandTimeout = PingSeconds };
                await alive.ExecuteNonQueryAsync(stoppingToken);
                if (!_proved)
                {
                    if (!IsPolling)
                    {
                        IsPolling = true;
                        LogPolling(logger);
                    }

                    feed.PublishEverything();
                }
            }
        }
    }

    private void Receive(string channel, string payload)
    {
        if (Channels.TryGetValue(channel, out var topic))
        {
            feed.Publish(topic, payload);
        }
        else if (channel == ProofChannel && payload == _proof)
        {
            _proved = true;
            IsPolling = false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The connection that listens to the master was lost ({Reason}) and is opened again")]
    private static partial void LogLost(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Notifications from the master do not arrive: MASTER_DATABASE_URL must be a direct connection, "
            + "not a pooler. The portal polls instead")]
    private static partial void LogPolling(ILogger logger);
}
