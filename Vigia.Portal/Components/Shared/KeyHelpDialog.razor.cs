using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Vigia.Portal.Components.Shared;

/// <summary>The keys that work everywhere.</summary>
public sealed partial class KeyHelpDialog
{
    [CascadingParameter]
    private IMudDialogInstance? Dialog { get; set; }
}
