using Microsoft.Extensions.Hosting;
using Vigia.Core.Feed;

namespace Vigia.Core.Staff;

/// <summary>
/// Hears of everything that is done to accounts, in whichever process, and has all open sign-ins of this one looked at: who was disabled, has other
/// roles or was signed out elsewhere is out, or has them, at once and not at the next look.
/// </summary>
internal sealed class SessionNews(ChangeFeed feed, SessionGate gate) : BackgroundService
{
    // A storm of sign-ins is one look.
    private static readonly TimeSpan AtMostEvery = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = feed.Subscribe(ChangeTopic.Staff, AtMostEvery);
        try
        {
            while (true)
            {
                await subscription.ReadAsync(stoppingToken);
                gate.Tell(null);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
    }
}
