using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal.Components.SignIn.Oidc;

namespace Vigia.Portal.Components.SignIn.Pages;

/// <summary>
/// The first step of signing in: e-mail and password, or the identity provider. Also shows why a round trip to the
/// provider failed.
/// </summary>
public sealed partial class SignInPage(
    IOptions<OidcOptions> oidc, StaffSignIn staffSignIn, NavigationManager navigation, TimeProvider time)
{
    private string? _emailError;
    private string? _passwordError;
    private int? _wait;
    private bool _refused;
    private OidcNote? _note;

    [CascadingParameter]
    private HttpContext HttpContext { get; set; } = default!;

    [SupplyParameterFromForm]
    private SignInInput Input { get; set; } = default!;

    [SupplyParameterFromQuery]
    private string? ReturnUrl { get; set; }

    [SupplyParameterFromQuery]
    private string? Aviso { get; set; }

    private string? Address => HttpContext.Connection.RemoteIpAddress?.ToString();

    protected override void OnInitialized()
    {
        Input ??= new SignInInput();
        if (!HttpMethods.IsGet(HttpContext.Request.Method))
        {
            return;
        }

        if (HttpContext.User.Identity?.IsAuthenticated == true)
        {
            navigation.NavigateTo(PortalUrls.LocalOrPanel(ReturnUrl));
        }
        else if (oidc.Value.IsConfigured && OidcNotes.Find(Aviso) is { } note)
        {
            _note = note;
            HttpContext.Response.StatusCode = note.Status;
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

        // PostgreSQL can't store NUL, and UTF-8 has no lone surrogates. Such a text can't be a stored address or
        // password.
        if (!AccountInput.IsSound(email!) || !AccountInput.IsSound(Input.Password!))
        {
            _refused = true;
            return;
        }

        var startedAt = time.GetTimestamp();
        CredentialCheck check;
        try
        {
            check = await staffSignIn.PasswordAsync(email!, Input.Password!, Address, HttpContext.RequestAborted);
        }
        catch (TooManyTriesException tries)
        {
            _wait = SignInWait.Answer(HttpContext, tries.Wait);
            return;
        }

        _refused = check.Outcome == CredentialOutcome.Refused;
        if (_refused)
        {
            await SignInWait.DelayRefusalAsync(startedAt, time, HttpContext.RequestAborted);
        }
        else
        {
            navigation.NavigateTo(StaffSignIn.After(check.Outcome, ReturnUrl));
        }
    }

    private sealed class SignInInput
    {
        public string? Email { get; set; }
        public string? Password { get; set; }
    }
}
