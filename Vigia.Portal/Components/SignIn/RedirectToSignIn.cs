using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace Vigia.Portal.Components.SignIn;

/// <summary>
/// Sends a person who is not signed in, or no longer, to the sign-in page. Sends a signed-in person without the
/// required right to the access-denied page.
/// </summary>
public sealed class RedirectToSignIn(NavigationManager navigation) : ComponentBase
{
    [CascadingParameter]
    private Task<AuthenticationState>? AuthenticationState { get; set; }

    protected override async Task OnInitializedAsync()
    {
        var signedIn = AuthenticationState is not null
            && (await AuthenticationState).User.Identity?.IsAuthenticated == true;
        var here = "/" + navigation.ToBaseRelativePath(navigation.Uri);

        // The account pages are static, so this needs a full request outside the circuit.
        navigation.NavigateTo(signedIn ? PortalUrls.AccessDenied : PortalUrls.SignInAndReturn(here), forceLoad: true);
    }
}
