using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Vigia.Portal.Components.Shared;

/// <summary>The keyboard shortcuts that work on every page.</summary>
public sealed partial class KeyHelpDialog
{
    [CascadingParameter]
    private IMudDialogInstance? Dialog { get; set; }
}
