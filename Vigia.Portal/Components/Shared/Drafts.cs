using Vigia.Core.Foundation.Access;

namespace Vigia.Portal.Components.Shared;

/// <summary>The text that a person typed into a form and has not saved.</summary>
/// <param name="Typed">The text by the ids of the fields.</param>
/// <param name="Base">
/// The data that the form was built from, as the form received it. Null for a form that started empty.
/// </param>
/// <param name="At">When the last of it was typed, by the browser's clock.</param>
public sealed record Draft(IReadOnlyDictionary<string, string> Typed, string? Base, DateTimeOffset At);

/// <summary>
/// Drafts of forms with <c>data-draft</c>. The browser keeps them for its tab, so typed text survives a lost circuit
/// and a reload. The name of a draft binds it to one person and one object. See <see cref="DraftGuard"/> for the rule.
/// </summary>
public sealed class Drafts(BrowserCalls browser, TimeProvider time)
{
    /// <summary>
    /// The name of a person's draft of one form. The id of the person keeps the drafts of different people apart.
    /// </summary>
    public static string NameOf(Actor actor, string form) => $"{actor.StaffId}/{form}";

    /// <summary>Reads a draft.</summary>
    /// <returns>Null when nothing was typed.</returns>
    public async Task<Draft?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        if (await browser.AskAsync<Dictionary<string, string>>("vigia.draft", cancellationToken, name) is not { } typed)
        {
            return null;
        }

        var at = await browser.AskAsync<long?>("vigia.draftAt", cancellationToken, name);
        return new Draft(
            typed, await browser.AskAsync<string>("vigia.draftBase", cancellationToken, name),
            at is { } written ? DateTimeOffset.FromUnixTimeMilliseconds(written) : time.GetUtcNow());
    }

    /// <summary>
    /// Removes a draft, without waiting for the browser. If a draft of saved text remains because the browser is gone,
    /// the form drops it when it reads the draft.
    /// </summary>
    public void Forget(string name) => browser.Tell("vigia.forgetDraft", name);
}
