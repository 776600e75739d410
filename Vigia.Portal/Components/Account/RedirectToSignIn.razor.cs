using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace Vigia.Portal.Components.Account;

/// <summary>Sends who is not signed in (any more) to the sign-in page, and who lacks the right to the page that says so.</summary>
public sealed partial class RedirectToSignIn
{
    [CascadingParameter]
    private Task<AuthenticationState>? AuthenticationState { get; set; }

    protected override async Task OnInitializedAsync()
    {
        var signedIn = AuthenticationState is not null && (await AuthenticationState).User.Identity?.IsAuthenticated == true;
        var here = "/" + Navigation.ToBaseRelativePath(Navigation.Uri);

        // The account pages are static: the circuit has to be left for a full request.
        Navigation.NavigateTo(signedIn ? PortalUrls.AccessDenied : PortalUrls.SignInAndReturn(here), forceLoad: true);
    }
}
