using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Vigia.Portal.Components.MyAccount;

/// <summary>New recovery codes, the only time they can be read.</summary>
public sealed partial class CodesDialog
{
    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = default!;

    [Parameter, EditorRequired]
    public IReadOnlyList<string> Codes { get; set; } = [];
}
