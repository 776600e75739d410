using Microsoft.AspNetCore.Components;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Portal.Components.SignIn.Pages;

/// <summary>
/// The second step of signing in, after the first one succeeded: a code of the authenticator, or a recovery code.
/// </summary>
public sealed partial class SignInCodePage(
    StaffSignIn staffSignIn, SignInStep step, NavigationManager navigation)
{
    private StaffMember? _member;
    private string _first = "";
    private string? _codeError;
    private int? _wait;
    private bool _wrong;

    [CascadingParameter]
    private HttpContext HttpContext { get; set; } = default!;

    [SupplyParameterFromForm]
    private CodeInput Input { get; set; } = default!;

    [SupplyParameterFromQuery]
    private string? ReturnUrl { get; set; }

    protected override async Task OnInitializedAsync()
    {
        Input ??= new CodeInput();
        if (await step.ReadAsync() is ({ } member, _, var first))
        {
            (_member, _first) = (member, first);
        }
        else
        {
            navigation.NavigateTo(PortalUrls.Step(PortalUrls.SignIn, ReturnUrl));
        }
    }

    private async Task CheckAsync()
    {
        if (_member is null)
        {
            return;
        }

        _codeError = string.IsNullOrWhiteSpace(Input.Code) ? T["CodeRequired"].Value : null;
        if (_codeError is not null)
        {
            return;
        }

        CredentialCheck check;
        try
        {
            check = AccountInput.IsSound(Input.Code!)
                ? await staffSignIn.CodeAsync(
                    _member, _first, Input.Code!, HttpContext.Connection.RemoteIpAddress?.ToString(),
                    HttpContext.RequestAborted)
                : new CredentialCheck(CredentialOutcome.SecondFactorWrong, _member, null);
        }
        catch (TooManyTriesException tries)
        {
            _wait = SignInWait.Answer(HttpContext, tries.Wait);
            return;
        }

        _wrong = check.Outcome == CredentialOutcome.SecondFactorWrong;
        if (check.IsAccepted)
        {
            navigation.NavigateTo(PortalUrls.LocalOrPanel(ReturnUrl));
        }
        else if (check.Outcome == CredentialOutcome.Refused)
        {
            navigation.NavigateTo(PortalUrls.Step(PortalUrls.SignIn, ReturnUrl));
        }
    }

    private sealed class CodeInput
    {
        public string? Code { get; set; }
    }
}
