using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Feed;

namespace Vigia.Core.Tenancy;

/// <summary>
/// Keeps the catalogue current. Each change of a tenant that the master announces, made by any program, replaces its
/// entry, and closes the connections that do not fit it any more. After a lost connection or a read that failed, while
/// announcements do not arrive, and once a minute anyway, it reads everything.
/// </summary>
// More than five dependencies: what it reads and what it keeps current, and the two that say when.
internal sealed partial class TenantCatalogWorker(
    TenantCatalog catalog, TenantCatalogReader reader, TenantDataSources sources, ChangeFeed feed,
    MasterNotifications notifications, ILogger<TenantCatalogWorker> logger)
    : BackgroundService
{
    // The tenth of the time in which a change has to hold.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(500);

    // An announcement may be lost unnoticed, with a connection that died silently.
    private static readonly TimeSpan Anyway = TimeSpan.FromMinutes(1);

    // While nothing is announced, a large registry is not read all the time.
    private const int PauseForEachRead = 5;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var changes = feed.Subscribe(ChangeTopic.Tenants, Pace);
        var (everything, announced) = (true, false);
        var waiting = new HashSet<int>();
        var (lastWhole, took) = (Stopwatch.GetTimestamp(), TimeSpan.Zero);
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                var began = Stopwatch.GetTimestamp();
                if (!await ReadAsync(everything, waiting, stoppingToken))
                {
                    // Only a read of everything makes the catalogue current again.
                    everything = true;
                }
                else
                {
                    if (everything)
                    {
                        announced = false;
                        (lastWhole, took) = (Stopwatch.GetTimestamp(), Stopwatch.GetElapsedTime(began));
                    }

                    (everything, waiting) = (false, []);
                }

                await CloseChangedAsync();
                var next = await changes.ReadAsync(everything ? Retry : Poll, stoppingToken);
                waiting.UnionWith(ObservationWorker.IdsOf(next.Of(ChangeTopic.Tenants)));
                var since = Stopwatch.GetElapsedTime(lastWhole);

                // While nothing announces a change, it is looked for.
                announced |= next.Everything;
                everything |= since >= Anyway || (notifications.IsLost || notifications.IsPolling
                    ? since >= took * PauseForEachRead : announced);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task<bool> ReadAsync(
        bool everything, HashSet<int> ids, CancellationToken cancellationToken)
    {
        try
        {
            if (everything)
            {
                var (entries, aliases) = await reader.ReadWithAliasesAsync(null, cancellationToken);
                catalog.Fill(entries, aliases);
            }
            else if (ids.Count > 0)
            {
                var (entries, aliases) = await reader.ReadWithAliasesAsync(ids, cancellationToken);
                catalog.Replace(ids, entries, aliases);
            }

            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // The entries that are there stay in use. Names that are not there can't be refused any more.
            catalog.MarkStale();
            LogNotRead(logger, e.Message);
            return false;
        }
    }

    private async Task CloseChangedAsync()
    {
        try
        {
            await sources.CloseChangedAsync();
        }
        catch (Exception e)
        {
            // The rest is closed with the next change, or when it is idle. What is known of the tenants is current.
            LogNotClosed(logger, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Connections of tenants that have changed could not be closed: {Reason}")]
    private static partial void LogNotClosed(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The tenants could not be read from the registry and are read again: {Reason}")]
    private static partial void LogNotRead(ILogger logger, string reason);
}
