namespace Vigia.Portal.Components.Shared;

/// <summary>The text that a person typed into a form and has not saved.</summary>
/// <param name="Typed">The text by the ids of the fields.</param>
/// <param name="Base">
/// The data that the form was built from, as the form received it. Null for a form that started empty.
/// </param>
/// <param name="At">When the last of it was typed, by the browser's clock.</param>
public sealed record Draft(IReadOnlyDictionary<string, string> Typed, string? Base, DateTimeOffset At);

/// <summary>
/// Drafts of forms (<see cref="DraftForm"/>). The browser keeps them for its tab, so typed text survives a lost circuit
/// and a reload. The name of a draft binds it to one person and one object. See <see cref="DraftGuard"/> for the rule.
/// </summary>
public sealed class Drafts(BrowserCalls browser, TimeProvider time)
{
    /// <summary>Reads a draft.</summary>
    /// <returns>Null when nothing was typed.</returns>
    public async Task<Draft?> ReadAsync(DraftName name, CancellationToken cancellationToken)
    {
        if (await browser.AskAsync<Dictionary<string, string>>("vigia.draft", cancellationToken, name.Text)
            is not { } typed)
        {
            return null;
        }

        var at = await browser.AskAsync<long?>("vigia.draftAt", cancellationToken, name.Text);
        return new Draft(
            typed, await browser.AskAsync<string>("vigia.draftBase", cancellationToken, name.Text),
            at is { } written ? DateTimeOffset.FromUnixTimeMilliseconds(written) : time.GetUtcNow());
    }

    /// <summary>
    /// Adds what the server has put into fields, by their ids, without waiting for the browser. The browser hears only
    /// of what is typed, and would bring back an older text.
    /// </summary>
    public void Keep(DraftName name, IReadOnlyDictionary<string, string> fields)
    {
        if (fields.Count > 0)
        {
            browser.Send("vigia.keep", name.Text, fields);
        }
    }

    /// <summary>
    /// Removes a draft, without waiting for the browser. If a draft of saved text remains because the browser is gone,
    /// the form drops it when it reads the draft.
    /// </summary>
    public void Forget(DraftName name) => browser.Send("vigia.forgetDraft", name.Text);
}
