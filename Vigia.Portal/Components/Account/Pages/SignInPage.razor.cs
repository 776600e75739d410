using Microsoft.AspNetCore.Components;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Account.Pages;

/// <summary>Sign-in with e-mail and password.</summary>
public sealed partial class SignInPage
{
    private string? _emailError;
    private string? _passwordError;
    private bool _refused;

    [CascadingParameter]
    private HttpContext HttpContext { get; set; } = default!;

    [SupplyParameterFromForm]
    private SignInInput Input { get; set; } = default!;

    [SupplyParameterFromQuery]
    private string? ReturnUrl { get; set; }

    [Inject]
    private StaffSignIn StaffSignIn { get; set; } = default!;

    protected override void OnInitialized()
    {
        Input ??= new SignInInput();
        if (HttpMethods.IsGet(HttpContext.Request.Method) && HttpContext.User.Identity?.IsAuthenticated == true)
        {
            Navigation.NavigateTo(PortalUrls.LocalOrPanel(ReturnUrl));
        }
    }

    private async Task SignInAsync()
    {
        var email = Input.Email?.Trim();
        _emailError = string.IsNullOrEmpty(email) ? T["EmailRequired"].Value : null;
        _passwordError = string.IsNullOrEmpty(Input.Password) ? T["PasswordRequired"].Value : null;
        if (_emailError is not null || _passwordError is not null)
        {
            return;
        }

        // PostgreSQL has no NUL and UTF-8 no lone surrogate: such a text is nobody's address or password.
        var sound = AccountInput.IsSound(email!) && AccountInput.IsSound(Input.Password!);
        if (sound && await StaffSignIn.TryAsync(email!, Input.Password!, null, HttpContext.Connection.RemoteIpAddress?.ToString(), HttpContext.RequestAborted) == CredentialOutcome.Accepted)
        {
            Navigation.NavigateTo(PortalUrls.LocalOrPanel(ReturnUrl));
            return;
        }

        _refused = true;
    }

    private sealed class SignInInput
    {
        public string? Email { get; set; }
        public string? Password { get; set; }
    }
}
