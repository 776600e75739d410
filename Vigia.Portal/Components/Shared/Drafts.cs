using Microsoft.JSInterop;
using Vigia.Core.Foundation.Access;

namespace Vigia.Portal.Components.Shared;

/// <summary>The text that a person typed into a form and has not saved.</summary>
/// <param name="Typed">The text by the ids of the fields.</param>
/// <param name="Base">
/// The data that the form was built from, as the form received it. Null for a form that started empty.
/// </param>
public sealed record Draft(IReadOnlyDictionary<string, string> Typed, string? Base);

/// <summary>
/// Drafts of forms with <c>data-draft</c>. The browser keeps them for its tab, so typed text survives a lost circuit, a
/// reload and a visit to another page. The name of a draft binds it to one person and one object.
/// </summary>
public sealed class Drafts(IJSRuntime js)
{
    /// <summary>
    /// The name of a person's draft of one form. The id of the person keeps the drafts of different people apart.
    /// </summary>
    public static string NameOf(Actor actor, string form) => $"{actor.StaffId}/{form}";

    /// <summary>Reads a draft.</summary>
    /// <returns>Null when nothing was typed.</returns>
    public async Task<Draft?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        var typed = await js.InvokeAsync<Dictionary<string, string>?>("vigia.draft", cancellationToken, name);
        return typed is null ? null
            : new Draft(typed, await js.InvokeAsync<string?>("vigia.draftBase", cancellationToken, name));
    }

    /// <summary>
    /// Removes a draft. Call this last, because the browser can't be reached while the connection is down. If a draft
    /// of saved text remains, the form drops it when it reads the draft.
    /// </summary>
    public async Task ForgetAsync(string name)
    {
        try
        {
            await js.InvokeVoidAsync("vigia.forgetDraft", name);
        }
        catch (Exception exception) when (exception is JSDisconnectedException or OperationCanceledException)
        {
            // The browser is gone or did not answer in time.
            return;
        }
    }
}
