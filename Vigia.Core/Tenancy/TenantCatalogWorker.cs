using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Feed;

namespace Vigia.Core.Tenancy;

/// <summary>
/// Keeps the catalogue current. Each change of a tenant that the master announces, made by any program, replaces its
/// entry, and closes the connections that do not fit it any more. After a lost connection, and while announcements do
/// not arrive, it reads everything.
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

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var changes = feed.Subscribe(ChangeTopic.Tenants, Pace);
        var everything = true;
        var waiting = new HashSet<int>();
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                if (await ReadAsync(everything, waiting, stoppingToken))
                {
                    (everything, waiting) = (false, []);
                }

                var next = await changes.ReadAsync(everything || waiting.Count > 0 ? Retry : Poll, stoppingToken);

                // While nothing listens to the master, nothing announces a change.
                everything |= next.Everything || notifications.IsLost;
                waiting.UnionWith(ObservationWorker.IdsOf(next.Of(ChangeTopic.Tenants)));
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

            await sources.CloseChangedAsync();
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

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The tenants could not be read from the registry and are read again: {Reason}")]
    private static partial void LogNotRead(ILogger logger, string reason);
}
