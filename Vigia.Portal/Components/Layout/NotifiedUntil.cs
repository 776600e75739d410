using System.Globalization;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Layout;

/// <summary>The time up to which the person was notified of their operations. The browser stores it.</summary>
public sealed class NotifiedUntil(BrowserCalls browser, TimeProvider time)
{
    private const string Preference = "told-until";

    /// <summary>Returns the time. On the first visit that is now, and it is stored.</summary>
    public async Task<DateTimeOffset> ReadAsync(CancellationToken cancellationToken)
    {
        var stored = await browser.AskAsync<string>("vigia.preference", cancellationToken, Preference);
        var until = DateTimeOffset.TryParse(stored, CultureInfo.InvariantCulture, out var parsed) ? parsed
            : time.GetUtcNow();
        if (stored is null)
        {
            Remember(until);
        }

        return until;
    }

    /// <summary>Stores the time without waiting for the browser.</summary>
    public void Remember(DateTimeOffset until) =>
        browser.Send("vigia.remember", Preference, until.ToString("O", CultureInfo.InvariantCulture));
}
