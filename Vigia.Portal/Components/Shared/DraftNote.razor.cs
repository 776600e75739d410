using System.Net;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// In the <see cref="DraftForm"/> of a dialog: the typed text is back, because the page was lost under the dialog. The
/// browser fills the form, writes the time and shows the note (<c>portal.js</c>).
/// </summary>
public sealed partial class DraftNote
{
    // The time is the browser's, so its place is marked.
    private string Sentence() =>
        WebUtility.HtmlEncode(T["DraftRestored", "\u0001"]).Replace(
            "&#1;", "<span data-draft-time></span>", StringComparison.Ordinal)
            .Replace("\u0001", "<span data-draft-time></span>", StringComparison.Ordinal);
}
