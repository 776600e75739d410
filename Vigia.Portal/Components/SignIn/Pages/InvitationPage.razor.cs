using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.Team;

namespace Vigia.Portal.Components.SignIn.Pages;

/// <summary>
/// The page of a one-time link, where its holder sets a first or a new password. A link that is no longer valid gets
/// the same message for every cause.
/// </summary>
public sealed partial class InvitationPage(StaffWelcome welcome)
{
    private readonly Dictionary<string, string> _errors = [];
    private Welcomed? _person;
    private string? _done;
    private string? _refusal;

    [CascadingParameter]
    private HttpContext HttpContext { get; set; } = default!;

    [SupplyParameterFromForm]
    private InvitationInput Input { get; set; } = default!;

    [SupplyParameterFromQuery]
    private string? Token { get; set; }

    private string Title => T[_person!.IsRecovery ? "WelcomeBackTitle" : "WelcomeTitle", _person.FullName];

    protected override async Task OnInitializedAsync()
    {
        Input ??= new InvitationInput();
        _person = await welcome.FindAsync(Token, HttpContext.RequestAborted);
    }

    private async Task AcceptAsync()
    {
        if (_person is null || !IsComplete())
        {
            return;
        }

        try
        {
            await welcome.AcceptAsync(
                Token, Input.Password!, HttpContext.Connection.RemoteIpAddress?.ToString(), HttpContext.RequestAborted);
            _done = _person.Email;
        }
        catch (InvalidInputException)
        {
            _errors["password"] = T["PasswordWeak"];
        }
        catch (RuleException gone) when (gone.Reason.Code == "staff_link_gone")
        {
            // Another request used the link first.
            _person = null;
        }
        catch (RuleException refusal)
        {
            _refusal = refusal.Reason.Render();
        }
    }

    private bool IsComplete()
    {
        if (string.IsNullOrEmpty(Input.Password))
        {
            _errors["password"] = T["PasswordRequired"];
        }
        else if (!AccountInput.IsSound(Input.Password))
        {
            _errors["password"] = T["PasswordWeak"];
        }
        else if (Input.Password != Input.PasswordAgain)
        {
            _errors["password-again"] = T["PasswordDifferent"];
        }

        return _errors.Count == 0;
    }

    private string? Error(string field) => _errors.GetValueOrDefault(field);

    private sealed class InvitationInput
    {
        public string? Password { get; set; }
        public string? PasswordAgain { get; set; }
    }
}
