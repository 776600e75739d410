using Microsoft.AspNetCore.Components;
using Vigia.Core.Errors;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Account.Pages;

/// <summary>
/// For who has done the first step, has to use a second factor and has none yet: it is set up here, and only then is there a session. So
/// nothing else can be reached meanwhile, neither a page nor the HTTP API.
/// </summary>
public sealed partial class SignInSecondFactorPage
{
    private IReadOnlyList<string>? _codes;
    private StaffMember? _member;
    private byte[]? _secret;
    private string _first = "";
    private string? _codeError;
    private int? _wait;

    [CascadingParameter]
    private HttpContext HttpContext { get; set; } = default!;

    [SupplyParameterFromForm]
    private CodeInput Input { get; set; } = default!;

    [SupplyParameterFromQuery]
    private string? ReturnUrl { get; set; }

    [Inject]
    private StaffSignIn StaffSignIn { get; set; } = default!;

    [Inject]
    private OwnSecondFactor SecondFactor { get; set; } = default!;

    [Inject]
    private SignInStep Step { get; set; } = default!;

    [Inject]
    private SignInLimiter Limiter { get; set; } = default!;

    private string? Address => HttpContext.Connection.RemoteIpAddress?.ToString();

    protected override async Task OnInitializedAsync()
    {
        Input ??= new CodeInput();
        if (await Step.ReadAsync() is ({ } member, { } secret, var first))
        {
            (_member, _secret, _first) = (member, secret, first);
        }
        else
        {
            Navigation.NavigateTo(PortalUrls.Step(PortalUrls.SignIn, ReturnUrl));
        }
    }

    private async Task ConfirmAsync()
    {
        if (_member is null || _secret is null)
        {
            return;
        }

        _wait = Limiter.Refuse(HttpContext, _member.Email);
        if (_wait is not null)
        {
            return;
        }

        try
        {
            _codes = await SecondFactor.EnrolAsync(_member, Address, _secret, Input.Code ?? "", HttpContext.RequestAborted);
            await StaffSignIn.AcceptAsync(_member, SignInMethods.After(_first, SignInMethods.PasswordAndCode), Address, HttpContext.RequestAborted);
        }
        catch (InvalidInputException wrong)
        {
            _codeError = wrong.Errors["code"][0].Render();
        }
        catch (RuleException)
        {
            // Another window was faster: it is asked for now.
            Navigation.NavigateTo(PortalUrls.Step(PortalUrls.SignIn, ReturnUrl));
        }
    }

    private sealed class CodeInput
    {
        public string? Code { get; set; }
    }
}
