using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Portal.Components.SignIn;

/// <summary>
/// Signs staff in: first by e-mail and password or through the identity provider, then with a second factor if
/// required.
/// </summary>
// More than five dependencies: the steps of a sign-in are checked, remembered and recorded here, in this order.
public sealed partial class StaffSignIn(
    StaffCredentials credentials, SignInStep step, StaffCookie cookie, KnownBrowser browser, SignInRecord record,
    ILogger<StaffSignIn> logger)
{
    /// <summary>
    /// The first step. A wrong password, an unknown address and a disabled account get the same answer in the same
    /// time, so that nobody can find out who works here. Only a person with the right password is told that the account
    /// needs a second factor.
    /// </summary>
    /// <exception cref="TooManyTriesException">Too many tries from there, or for this account.</exception>
    public async Task<CredentialCheck> PasswordAsync(
        string email, string password, string? address, CancellationToken cancellationToken)
    {
        var check = await credentials.CheckPasswordAsync(
            email, password, await browser.OriginForAsync(email, cancellationToken), cancellationToken);
        await ContinueAsync(check, SignInMethods.Password, address, cancellationToken);
        return check;
    }

    /// <summary>The first step of a person who chose the password in the same request.</summary>
    public async Task<CredentialCheck> ChosenPasswordAsync(
        string email, string? address, CancellationToken cancellationToken)
    {
        var check = await credentials.NextAfterChoosingAsync(email, cancellationToken);
        await ContinueAsync(check, SignInMethods.Password, address, cancellationToken);
        return check;
    }

    /// <summary>The first step through the identity provider.</summary>
    /// <param name="member">The member of staff that the provider identified.</param>
    /// <param name="method"><see cref="SignInMethods.Oidc"/>, or <see cref="SignInMethods.OidcAndFactor"/>.</param>
    /// <param name="address">The address that the request came from.</param>
    public async Task<CredentialCheck> ProviderAsync(
        StaffMember member, string method, string? address, CancellationToken cancellationToken)
    {
        var check = await credentials.NextAsync(member, method, cancellationToken);
        await ContinueAsync(check, method, address, cancellationToken);
        return check;
    }

    /// <summary>The second step: a code.</summary>
    /// <param name="member">The person at this step.</param>
    /// <param name="first">The method of their first step.</param>
    /// <param name="code">The code that was typed.</param>
    /// <param name="address">The address that the request came from.</param>
    /// <exception cref="TooManyTriesException">Too many tries from there, or for this account.</exception>
    public async Task<CredentialCheck> CodeAsync(
        StaffMember member, string first, string code, string? address, CancellationToken cancellationToken)
    {
        var check = await credentials.CheckCodeAsync(
            member, first, code, await browser.OriginForAsync(member.Email, cancellationToken), cancellationToken);
        check = check.IsAccepted ? check with { Method = SignInMethods.After(first, check.Method) } : check;
        await EndAsync(check, address, cancellationToken);
        return check;
    }

    /// <summary>Completes the sign-in of a person who has been authenticated.</summary>
    public async Task AcceptAsync(
        StaffMember member, string method, string? address, CancellationToken cancellationToken)
    {
        var newDevice = await browser.NewForAsync(member.Email!, cancellationToken);
        await record.WriteAsync(member, method, address, newDevice, cancellationToken);
        await step.ForgetAsync();
        await browser.RememberAsync(member, cancellationToken);
        await cookie.SignInAsync(member, method, cancellationToken);
    }

    /// <summary>The address to go to after the first step.</summary>
    public static string After(CredentialOutcome outcome, string? returnUrl) => outcome switch
    {
        CredentialOutcome.SecondFactorNeeded => PortalUrls.Step(PortalUrls.SignInCode, returnUrl),
        CredentialOutcome.SecondFactorMissing => PortalUrls.Step(PortalUrls.SignInSecondFactor, returnUrl),
        _ => PortalUrls.LocalOrPanel(returnUrl),
    };

    private async Task ContinueAsync(
        CredentialCheck check, string first, string? address, CancellationToken cancellationToken)
    {
        switch (check.Outcome)
        {
            case CredentialOutcome.SecondFactorNeeded:
                await step.RememberAsync(check.Member!, null, first);
                break;
            case CredentialOutcome.SecondFactorMissing:
                await step.RememberAsync(check.Member!, Totp.NewSecret(), first);
                break;
            default:
                await EndAsync(check, address, cancellationToken);
                break;
        }
    }

    private async Task EndAsync(CredentialCheck check, string? address, CancellationToken cancellationToken)
    {
        if (check.IsAccepted)
        {
            await AcceptAsync(check.Member, check.Method, address, cancellationToken);
        }
        else
        {
            LogRefused(logger, check.Member?.Id, check.Outcome, address);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sign-in of {StaffId} not accepted ({Outcome}) from {Address}")]
    private static partial void LogRefused(ILogger logger, Guid? staffId, CredentialOutcome outcome, string? address);
}
