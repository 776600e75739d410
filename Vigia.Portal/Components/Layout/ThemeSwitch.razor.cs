using Microsoft.AspNetCore.Components;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Layout;

/// <summary>Changes the theme without a reload. A cookie makes the next page start with it.</summary>
public sealed partial class ThemeSwitch(BrowserCalls browser)
{
    [Parameter, EditorRequired]
    public bool Dark { get; set; }

    [Parameter]
    public EventCallback<bool> DarkChanged { get; set; }

    private async Task SwitchAsync()
    {
        var dark = !Dark;
        browser.Send("vigia.setTheme", dark ? "dark" : "light");
        await DarkChanged.InvokeAsync(dark);
    }
}
