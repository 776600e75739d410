using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Vigia.Portal.Components.MyAccount;

/// <summary>Shows new recovery codes. They can't be read again later.</summary>
public sealed partial class CodesDialog
{
    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = default!;

    [Parameter, EditorRequired]
    public IReadOnlyList<string> Codes { get; set; } = [];
}
