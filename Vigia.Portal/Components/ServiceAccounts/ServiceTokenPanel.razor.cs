using Microsoft.AspNetCore.Components;
using Vigia.Core.Staff.ServiceAccounts;

namespace Vigia.Portal.Components.ServiceAccounts;

/// <summary>Shows a new token of a service account. The token can't be read again later.</summary>
public sealed partial class ServiceTokenPanel
{
    private ElementReference _title;

    [Parameter, EditorRequired]
    public IssuedServiceToken Token { get; set; } = default!;

    /// <summary>Raised when the person has stored the token.</summary>
    [Parameter]
    public EventCallback OnKept { get; set; }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await _title.FocusAsync();
        }
    }
}
