using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Portal.Components.SignIn.Pages;

/// <summary>Creates the first administrator. It requires the one-time link that was printed on the console.</summary>
public sealed partial class SetUpPage(
    FirstAdministrator firstAdministrator, StaffSignIn staffSignIn, NavigationManager navigation)
{
    private const int LongestName = 200;
    private readonly Dictionary<string, string> _errors = [];
    private bool _gone;

    [CascadingParameter]
    private HttpContext HttpContext { get; set; } = default!;

    [SupplyParameterFromForm]
    private SetUpInput Input { get; set; } = default!;

    [SupplyParameterFromQuery]
    private string? Token { get; set; }

    private string? Address => HttpContext.Connection.RemoteIpAddress?.ToString();

    protected override async Task OnInitializedAsync()
    {
        Input ??= new SetUpInput();
        _gone = !firstAdministrator.Accepts(Token)
            || !await firstAdministrator.IsMissingAsync(HttpContext.RequestAborted);
    }

    private async Task CreateAsync()
    {
        if (_gone || !IsComplete())
        {
            return;
        }

        var email = Input.Email!.Trim();
        var result = await firstAdministrator.CreateAsync(
            email, SafeText.Clean(Input.FullName), Input.Password!, Address, HttpContext.RequestAborted);
        if (result is { Succeeded: false })
        {
            _errors["password"] = T["PasswordWeak"];
        }
        else if (result is null)
        {
            // Another person was first.
            _gone = true;
        }
        else
        {
            var check = await staffSignIn.ChosenPasswordAsync(email, Address, HttpContext.RequestAborted);
            navigation.NavigateTo(StaffSignIn.After(check.Outcome, null));
        }
    }

    private bool IsComplete()
    {
        var email = Input.Email?.Trim() ?? "";
        var name = SafeText.Clean(Input.FullName);
        Check("full-name", name is null, "FullNameRequired");
        if (SafeText.Problem(name, LongestName) is { } problem)
        {
            // The audit trail prints the name for ever.
            _errors.TryAdd("full-name", problem.Render());
        }

        Check("email", email.Length == 0, "EmailRequired");
        Check("email", EmailAddress.Problem(email) is not null, "EmailInvalid");
        Check("password", string.IsNullOrEmpty(Input.Password), "PasswordRequired");
        Check("password", !AccountInput.IsSound(Input.Password ?? "")
            || string.Equals(Input.Password, email, StringComparison.OrdinalIgnoreCase), "PasswordWeak");
        Check("password-again", Input.Password != Input.PasswordAgain, "PasswordDifferent");
        return _errors.Count == 0;
    }

    private void Check(string field, bool wrong, string text)
    {
        if (wrong)
        {
            _errors.TryAdd(field, T[text]);
        }
    }

    private string? Error(string field) => _errors.GetValueOrDefault(field);

    private string Invalid(string field) => _errors.ContainsKey(field) ? "true" : "false";

    private sealed class SetUpInput
    {
        public string? FullName { get; set; }
        public string? Email { get; set; }
        public string? Password { get; set; }
        public string? PasswordAgain { get; set; }
    }
}
