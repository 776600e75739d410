using System.Text.Json;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>
/// Typed and unsaved text about a tenant, with the values that were on the screen when typing began. Saving compares
/// those values with the row, so a change by another person is detected, however old the draft is.
/// </summary>
/// <param name="Seen">The values that were on the screen. They contain the tenant's id.</param>
/// <param name="Typed">The text by the ids of the fields.</param>
/// <param name="At">When the last of it was typed.</param>
internal sealed record TenantDraft(
    TenantDetails Seen, IReadOnlyDictionary<string, string> Typed, DateTimeOffset At)
{
    /// <summary>The value of a form's <see cref="DraftForm.Base"/>.</summary>
    public static string BaseOf(TenantDetails seen) => JsonSerializer.Serialize(seen);

    /// <summary>Reads the draft of a form about <paramref name="tenantId"/>.</summary>
    /// <returns>Null when nothing was typed, or when the draft belongs to another tenant.</returns>
    public static async Task<TenantDraft?> ReadAsync(
        Drafts drafts, DraftName name, int tenantId, CancellationToken cancellationToken)
    {
        if (await drafts.ReadAsync(name, cancellationToken) is not { Base: { } text } draft)
        {
            return null;
        }

        try
        {
            var seen = JsonSerializer.Deserialize<TenantDetails>(text);
            return seen?.TenantId == tenantId ? new TenantDraft(seen, draft.Typed, draft.At) : null;
        }
        catch (JsonException)
        {
            // Another version of the portal wrote this draft.
            return null;
        }
    }
}
