using Microsoft.JSInterop;

namespace Vigia.Portal.Components.Shared;

/// <summary>A dialog with a form that has a <see cref="DateField"/>.</summary>
public abstract class DatedFormDialog(PageNotices notices, IJSRuntime js) : FormDialog(notices)
{
    /// <summary>The id of a date field whose text is not a date; null without one.</summary>
    protected abstract string? UnreadableDay { get; }

    protected override async Task<bool> FocusUnreadableAsync()
    {
        if (UnreadableDay is not { } field)
        {
            return false;
        }

        await js.InvokeVoidAsync("vigia.focus", field);
        return true;
    }
}
