using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Components.Layout;

/// <summary>The search in the top bar: jumps to a client by anything. Ctrl+K opens it anywhere.</summary>
public sealed partial class GlobalSearch
{
    private static readonly DialogOptions Options = new() { NoHeader = true, Position = DialogPosition.TopCenter, BackdropClick = true, MaxWidth = MaxWidth.Small, FullWidth = true };

    /// <summary>Finds at most a handful of clients for a text; the best first.</summary>
    [Parameter, EditorRequired]
    public Func<string, CancellationToken, Task<IReadOnlyList<TenantHit>>> Find { get; set; } = default!;

    private async Task OpenAsync()
    {
        var parameters = new DialogParameters<SearchDialog> { { dialog => dialog.Find, Find } };
        await Dialogs.ShowAsync<SearchDialog>(T["Search"], parameters, Options);
    }
}
