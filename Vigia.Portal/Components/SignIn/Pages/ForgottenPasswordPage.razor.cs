using Vigia.Core.Staff.Team;

namespace Vigia.Portal.Components.SignIn.Pages;

/// <summary>
/// Explains what to do after forgetting the password. Nothing is sent from here: a link is made by an administrator, or
/// on the server's console by the only one. The page names nobody and asks for no address.
/// </summary>
public sealed partial class ForgottenPasswordPage
{
    private string Command => $"Vigia.Portal {ConsoleAdministrators.RecoverCommand} {T["ForgottenAddress"]}";
}
