using System.Security.Claims;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components;

/// <summary>
/// Finds the page of an address. Pages require signed-in staff unless they say otherwise (<c>_Imports.razor</c>). The
/// document also passes values to the circuit here that only its request knew. Blazor protects these values, so a
/// browser can't change them.
/// </summary>
public sealed partial class Routes(StaffSession session, PageNotices notices)
{
    private string _rights = "";

    /// <summary>Whether the browser's cookie asks for the dark theme.</summary>
    [Parameter]
    public bool Dark { get; set; }

    /// <summary>The address that the request came from.</summary>
    [Parameter]
    public string? Address { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? AuthenticationState { get; set; }

    protected override void OnInitialized() => session.Address = Address;

    protected override async Task OnParametersSetAsync()
    {
        // After a sign-out, the screen keeps its content until the sign-in page has loaded.
        if (AuthenticationState is not null
            && (await AuthenticationState).User is { Identity.IsAuthenticated: true } user)
        {
            _rights = string.Join(
                ' ', user.Claims.Where(
                claim => claim.Type is ClaimTypes.Role or StaffClaims.TenantScope or StaffClaims.Scoped)
                .Select(claim => claim.Value).Order(StringComparer.Ordinal));
        }
    }
}
