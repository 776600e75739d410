using Microsoft.Extensions.Hosting;
using Vigia.Core.Registry.Feed;

namespace Vigia.Core.Staff.Sessions;

/// <summary>
/// Listens to all changes of accounts, made by any process, and has this process's open sessions of those accounts
/// checked again. A person who was disabled, got other roles or was signed out elsewhere is then affected at once, not
/// only at the next periodic check.
/// </summary>
internal sealed class SessionChangeListener(ChangeFeed feed, SessionGate gate) : BackgroundService
{
    // Many changes in a short time lead to one check.
    private static readonly TimeSpan AtMostEvery = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = feed.Subscribe(ChangeTopic.Staff, AtMostEvery);
        try
        {
            while (true)
            {
                var changes = await subscription.ReadAsync(stoppingToken);
                var accounts = changes.Of(ChangeTopic.Staff)
                    .Select(id => Guid.TryParse(id, out var account) ? account : (Guid?)null).ToList();
                if (changes.Everything || accounts.Contains(null))
                {
                    gate.NotifyChanged(null);
                    continue;
                }

                accounts.ForEach(account => gate.NotifyAccountChanged(account!.Value));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
    }
}
