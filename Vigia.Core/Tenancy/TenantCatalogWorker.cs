using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenancy;

/// <summary>
/// Keeps the catalogue current. Each change of a tenant that the master announces, made by any program, replaces its
/// entry, and closes the connections that do not fit it any more. It reads everything after a lost connection or a
/// failed read, while announcements do not arrive, and once a minute. That takes seconds for a large registry, so it
/// applies changes meanwhile.
/// </summary>
// More than five dependencies: it reads with TenantCatalogReader, keeps TenantCatalog and TenantDataSources current,
// and learns of changes from ChangeFeed and MasterNotifications.
internal sealed partial class TenantCatalogWorker(
    TenantCatalog catalog, TenantCatalogReader reader, TenantDataSources sources, ChangeFeed feed,
    MasterNotifications notifications, ILogger<TenantCatalogWorker> logger)
    : BackgroundService
{
    // A tenth of the time within which a change has to take effect.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(500);

    // An announcement may be lost unnoticed if the connection died silently.
    private static readonly TimeSpan Anyway = TimeSpan.FromMinutes(1);

    // While nothing is announced, a large registry is not read all the time.
    private const int PauseForEachRead = 5;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var changes = feed.Subscribe(ChangeTopic.Tenants, Pace);
        var (everything, announced) = (true, false);
        var waiting = new HashSet<int>();
        var (lastWhole, took) = (Stopwatch.GetTimestamp(), TimeSpan.Zero);
        WholeRead? whole = null;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                if (everything && whole is null)
                {
                    whole = new WholeRead(Task.Run(() => ReadAsync(null, stoppingToken), CancellationToken.None));
                    (everything, announced) = (false, false);
                }

                if (waiting.Count > 0)
                {
                    if (await ReadAsync(waiting, stoppingToken) is { } changed)
                    {
                        catalog.Replace(waiting, changed.Entries, changed.Aliases);
                        whole?.ChangedMeanwhile.UnionWith(waiting);
                        waiting = [];
                    }
                    else
                    {
                        // Only a read of everything makes the catalogue current again.
                        everything = true;
                    }
                }

                if (whole is { Reading.IsCompleted: true })
                {
                    if (await TryFillAsync(whole, waiting, stoppingToken))
                    {
                        waiting = [];
                        (lastWhole, took) = (Stopwatch.GetTimestamp(), Stopwatch.GetElapsedTime(whole.Began));
                    }
                    else
                    {
                        everything = true;
                    }

                    whole = null;
                }

                await CloseChangedAsync();
                var next = await NextAsync(changes, everything ? Retry : Poll, whole?.Reading, stoppingToken);
                waiting.UnionWith(ObservationWorker.IdsOf(next.Of(ChangeTopic.Tenants)));
                var since = Stopwatch.GetElapsedTime(lastWhole);

                // While changes are not announced, it polls for them.
                announced |= next.Everything;
                everything |= whole is null && (since >= Anyway || (notifications.IsLost || notifications.IsPolling
                    ? since >= took * PauseForEachRead : announced));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
        finally
        {
            await (whole?.Reading ?? Task.CompletedTask);
        }
    }

    // Waits for changes, but not longer than the read of everything takes.
    private static async Task<ChangeSet> NextAsync(
        ChangeSubscription changes, TimeSpan longest, Task? whole, CancellationToken cancellationToken)
    {
        if (whole is null)
        {
            return await changes.ReadAsync(longest, cancellationToken);
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = changes.ReadAsync(longest, ending.Token);
        await Task.WhenAny(reading, whole);
        await ending.CancelAsync();
        try
        {
            return await reading;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ChangeSet.None;
        }
    }

    // Tenants that changed while everything was read are read once more, because the result may be older than the
    // catalogue.
    private async Task<bool> TryFillAsync(WholeRead whole, HashSet<int> waiting, CancellationToken cancellationToken)
    {
        if (await whole.Reading is not { } read)
        {
            return false;
        }

        var again = whole.ChangedMeanwhile.Union(waiting).ToHashSet();
        if (again.Count > 0)
        {
            if (await ReadAsync(again, cancellationToken) is not { } fresh)
            {
                return false;
            }

            read = new CatalogRead(
                [.. read.Entries.Where(e => !again.Contains(e.Id)), .. fresh.Entries],
                [.. read.Aliases.Where(a => !again.Contains(a.TenantId)), .. fresh.Aliases]);
        }

        catalog.Fill(read.Entries, read.Aliases);
        return true;
    }

    /// <returns>Null when the registry could not be read.</returns>
    private async Task<CatalogRead?> ReadAsync(IReadOnlyCollection<int>? ids, CancellationToken cancellationToken)
    {
        try
        {
            var (entries, aliases) = await reader.ReadWithAliasesAsync(ids, cancellationToken);
            return new CatalogRead(entries, aliases);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e)
        {
            // The present entries stay in use. Other names can't be refused any more.
            catalog.MarkStale();
            LogNotRead(logger, e.Message);
            return null;
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
            // The rest is closed with the next change, or when it is idle. The entries of the tenants are current.
            LogNotClosed(logger, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Connections of tenants that have changed could not be closed: {Reason}")]
    private static partial void LogNotClosed(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The tenants could not be read from the registry and are read again: {Reason}")]
    private static partial void LogNotRead(ILogger logger, string reason);

    private sealed record CatalogRead(
        IReadOnlyCollection<TenantEntry> Entries, IReadOnlyCollection<TenantAlias> Aliases);

    /// <summary>A read of everything. Changes are applied meanwhile.</summary>
    private sealed class WholeRead(Task<CatalogRead?> reading)
    {
        public Task<CatalogRead?> Reading => reading;

        public long Began { get; } = Stopwatch.GetTimestamp();

        /// <summary>The tenants that have changed since it began.</summary>
        public HashSet<int> ChangedMeanwhile { get; } = [];
    }
}
