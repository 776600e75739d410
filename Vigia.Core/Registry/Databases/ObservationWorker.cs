using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Databases;

/// <summary>
/// Looks at the databases of all tenants in the background, and at once at those of tenants that have changed. On a
/// copied master it does nothing. See docs/rules.md#copied-master.
/// </summary>
public sealed partial class ObservationWorker(
    ObservationRounds rounds, ChangeFeed feed, MasterIdentity identity, IOptions<ObservationOptions> options,
    ILogger<ObservationWorker> logger) : BackgroundService
{
    // Changes of one tenant come in groups.
    private static readonly TimeSpan Collect = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var changes = feed.Subscribe(ChangeTopic.Tenants, Collect);
        try
        {
            await TryAsync(rounds.RunAsync, stoppingToken);
            while (!stoppingToken.IsCancellationRequested)
            {
                var next = await changes.ReadAsync(options.Value.Every, stoppingToken);
                var ids = IdsOf(next.Of(ChangeTopic.Tenants));
                if (ids.Count > 0)
                {
                    await TryAsync(token => rounds.ObserveTenantsAsync(ids, token), stoppingToken);
                }

                await TryAsync(rounds.RunAsync, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
    }

    /// <summary>
    /// The ids among the texts of notifications. Every role that can connect to the master can send any text.
    /// </summary>
    internal static List<int> IdsOf(IEnumerable<string> texts) =>
        [.. texts.Select(text => int.TryParse(
            text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id) ? id : (int?)null)
            .OfType<int>()];

    private async Task TryAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        if (identity.ReadOnly is not null)
        {
            return;
        }

        try
        {
            await work(cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // When the master or a server is unreachable, the next round looks again.
            if (!TransientFailures.IsServerUnavailable(e))
            {
                LogUnexpectedError(logger, e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error,
        Message = "Observing the databases of tenants met an unexpected error and continues")]
    private static partial void LogUnexpectedError(ILogger logger, Exception exception);
}
