using MudBlazor;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// Opens the list of keyboard shortcuts when <c>?</c> is pressed (portal.js clicks the hidden button).
/// </summary>
public sealed partial class KeyHelp(IDialogService dialogs)
{
    private async Task ShowAsync() => await dialogs.ShowAsync<KeyHelpDialog>(T["KeysTitle"]);
}
