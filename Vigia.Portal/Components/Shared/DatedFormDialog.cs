
namespace Vigia.Portal.Components.Shared;

/// <summary>A dialog with a form that has a <see cref="DateField"/>.</summary>
public abstract class DatedFormDialog(PageNotices notices, BrowserCalls browser) : FormDialog(notices)
{
    /// <summary>The id of a date field whose text is not a date; null without one.</summary>
    protected abstract string? UnreadableDay { get; }

    protected override bool FocusUnreadable()
    {
        if (UnreadableDay is not { } field)
        {
            return false;
        }

        browser.Send("vigia.focus", field);
        return true;
    }
}
