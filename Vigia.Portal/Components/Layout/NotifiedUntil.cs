using System.Globalization;
using Microsoft.JSInterop;

namespace Vigia.Portal.Components.Layout;

/// <summary>The time up to which the person was notified of their operations. The browser stores it.</summary>
public sealed class NotifiedUntil(IJSRuntime js, TimeProvider time)
{
    private const string Preference = "told-until";

    /// <summary>Returns the time. On the first visit that is now, and it is stored.</summary>
    public async Task<DateTimeOffset> ReadAsync(CancellationToken cancellationToken)
    {
        var stored = await js.InvokeAsync<string?>("vigia.preference", cancellationToken, Preference);
        var until = DateTimeOffset.TryParse(stored, CultureInfo.InvariantCulture, out var parsed) ? parsed
            : time.GetUtcNow();
        if (stored is null)
        {
            await RememberAsync(until, cancellationToken);
        }

        return until;
    }

    public ValueTask RememberAsync(DateTimeOffset until, CancellationToken cancellationToken) =>
        js.InvokeVoidAsync(
            "vigia.remember", cancellationToken, Preference, until.ToString("O", CultureInfo.InvariantCulture));
}
