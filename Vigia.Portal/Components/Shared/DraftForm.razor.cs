using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// A form whose input survives a lost page. Every form into which people type more than secrets is one. It names its
/// draft, asks before it is left (<see cref="DraftGuard"/>), and says what was restored. In a dialog the browser
/// restores it (<c>portal.js</c>). On a page the page reads the draft and fills the form.
/// </summary>
/// <remarks>
/// The browser hears of what is typed, but not of what the server puts into a field. A component in the form that sets
/// a field calls <see cref="Keep(string, string)"/> afterwards; it finds the form as a cascading parameter.
/// </remarks>
public sealed partial class DraftForm(Drafts drafts)
{
    [CascadingParameter]
    private IMudDialogInstance? Dialog { get; set; }

    /// <summary>The name of the draft. Null for a question into which nothing is typed.</summary>
    [Parameter, EditorRequired]
    public DraftName? Draft { get; set; }

    [Parameter, EditorRequired]
    public EventCallback OnSubmit { get; set; }

    [Parameter, EditorRequired]
    public RenderFragment ChildContent { get; set; } = default!;

    [Parameter]
    public string? Id { get; set; }

    [Parameter]
    public string Class { get; set; } = "stack";

    /// <summary>The name of the form for people who do not see it.</summary>
    [Parameter]
    public string? Label { get; set; }

    /// <summary>
    /// The data that the form was built from, as the draft stores it. Null for a form that starts empty.
    /// </summary>
    [Parameter]
    public string? Base { get; set; }

    /// <inheritdoc cref="DraftGuard.Subject"/>
    [Parameter]
    public string? Subject { get; set; }

    /// <inheritdoc cref="DraftGuard.RestoredAt"/>
    [Parameter]
    public DateTimeOffset? RestoredAt { get; set; }

    /// <inheritdoc cref="DraftGuard.IsSaving"/>
    [Parameter]
    public bool IsSaving { get; set; }

    /// <summary>Whether the draft stays when the dialog closes, because a refusal closes it.</summary>
    [Parameter]
    public bool IsHeld { get; set; }

    /// <inheritdoc cref="DraftGuard.OnDiscarded"/>
    [Parameter]
    public EventCallback OnDiscarded { get; set; }

    /// <summary>Keeps what the server has put into a field, as if it were typed.</summary>
    /// <param name="field">The id of the field.</param>
    /// <param name="value">Its value; of a box <c>true</c> or <c>false</c>.</param>
    public void Keep(string field, string value) => Keep(new Dictionary<string, string> { [field] = value });

    /// <summary>Keeps what the server has put into fields, by their ids.</summary>
    public void Keep(IReadOnlyDictionary<string, string> fields)
    {
        if (Draft is not null)
        {
            drafts.Keep(Draft, fields);
        }
    }
}
