using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Components.Layout;

/// <summary>The search in the top bar. It finds a tenant by any of its fields. Ctrl+K opens it on every page.</summary>
public sealed partial class GlobalSearch(IDialogService dialogs)
{
    private static readonly DialogOptions Options =
        new()
        {
            NoHeader = true, Position = DialogPosition.TopCenter, BackdropClick = true, MaxWidth = MaxWidth.Small,
            FullWidth = true
        };

    /// <summary>Finds a few tenants for a text, best match first.</summary>
    [Parameter, EditorRequired]
    public Func<string, CancellationToken, Task<IReadOnlyList<TenantHit>>> Find { get; set; } = default!;

    private async Task OpenAsync()
    {
        var parameters = new DialogParameters<SearchDialog> { { dialog => dialog.Find, Find } };
        await dialogs.ShowAsync<SearchDialog>(T["Search"], parameters, Options);
    }
}
