using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Vigia.Portal.Components.Layout;

/// <summary>Changes the theme without a reload. A cookie makes the next page start with it.</summary>
public sealed partial class ThemeSwitch(IJSRuntime js)
{
    [Parameter, EditorRequired]
    public bool Dark { get; set; }

    [Parameter]
    public EventCallback<bool> DarkChanged { get; set; }

    private async Task SwitchAsync()
    {
        var dark = !Dark;
        await js.InvokeVoidAsync("vigia.setTheme", dark ? "dark" : "light");
        await DarkChanged.InvokeAsync(dark);
    }
}
