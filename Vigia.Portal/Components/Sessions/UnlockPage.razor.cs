using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.Sessions;

namespace Vigia.Portal.Components.Sessions;

/// <summary>
/// The page that a locked sign-in gets after a reload or in a new tab. Plain HTML, like the sign-in page.
/// </summary>
public sealed partial class UnlockPage(SessionUnlock sessionUnlock, NavigationManager navigation)
{
    private Message? _refused;
    private string? _passwordError;

    [CascadingParameter]
    private HttpContext HttpContext { get; set; } = default!;

    [SupplyParameterFromForm]
    private UnlockInput Input { get; set; } = default!;

    [SupplyParameterFromQuery]
    private string? ReturnUrl { get; set; }

    protected override void OnInitialized()
    {
        Input ??= new UnlockInput();
        if (HttpContext.Features.Get<SessionStanding>() is not { State: SessionState.Locked })
        {
            // Unlocked in the meantime, in another tab.
            navigation.NavigateTo(PortalUrls.LocalOrPanel(ReturnUrl));
        }
    }

    private async Task UnlockAsync()
    {
        _passwordError = string.IsNullOrEmpty(Input.Password) ? T["PasswordRequired"].Value : null;
        if (_passwordError is null)
        {
            _refused = await sessionUnlock.TryAsync(HttpContext, Input.Password);
            if (_refused is null)
            {
                navigation.NavigateTo(PortalUrls.LocalOrPanel(ReturnUrl));
            }
        }
    }

    private sealed class UnlockInput
    {
        public string? Password { get; set; }
    }
}
