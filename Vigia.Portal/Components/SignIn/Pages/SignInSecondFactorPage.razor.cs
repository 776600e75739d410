using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Portal.Components.SignIn.Pages;

/// <summary>
/// For a person who completed the first step, must use a second factor and has none yet. They set it up here, and the
/// session starts only afterwards. Until then they can reach no other page and not the HTTP API.
/// </summary>
public sealed partial class SignInSecondFactorPage(
    StaffSignIn staffSignIn, OwnSecondFactor secondFactor, SignInStep step, NavigationManager navigation)
{
    private IReadOnlyList<string>? _codes;
    private StaffMember? _member;
    private byte[]? _secret;
    private string _first = "";
    private string? _codeError;

    [CascadingParameter]
    private HttpContext HttpContext { get; set; } = default!;

    [SupplyParameterFromForm]
    private CodeInput Input { get; set; } = default!;

    [SupplyParameterFromQuery]
    private string? ReturnUrl { get; set; }

    private string? Address => HttpContext.Connection.RemoteIpAddress?.ToString();

    protected override async Task OnInitializedAsync()
    {
        Input ??= new CodeInput();
        if (await step.ReadAsync() is ({ } member, { } secret, var first))
        {
            (_member, _secret, _first) = (member, secret, first);
        }
        else
        {
            navigation.NavigateTo(PortalUrls.Step(PortalUrls.SignIn, ReturnUrl));
        }
    }

    private async Task ConfirmAsync()
    {
        if (_member is null || _secret is null)
        {
            return;
        }

        try
        {
            _codes = await secondFactor.EnrolAsync(
                _member, Address, _secret, Input.Code ?? "", HttpContext.RequestAborted);
            await staffSignIn.AcceptAsync(
                _member, SignInMethods.After(_first, SignInMethods.PasswordAndCode), Address,
                HttpContext.RequestAborted);
        }
        catch (InvalidInputException wrong)
        {
            _codeError = wrong.Errors["code"][0].Render();
        }
        catch (RuleException)
        {
            // The person set up a second factor in another window. The sign-in now asks for it.
            navigation.NavigateTo(PortalUrls.Step(PortalUrls.SignIn, ReturnUrl));
        }
    }

    private sealed class CodeInput
    {
        public string? Code { get; set; }
    }
}
