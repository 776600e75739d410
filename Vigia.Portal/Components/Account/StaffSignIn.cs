using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Account;

/// <summary>Signs staff in: e-mail and password or the identity provider, and then what else they have to give.</summary>
internal sealed partial class StaffSignIn(
    StaffCredentials credentials, SignInStep step, StaffCookie cookie, SignInRecord record, ILogger<StaffSignIn> logger)
{
    /// <summary>
    /// The first step. Wrong password, unknown address and a disabled account give the same answer in the same time, so that nobody can find out
    /// who works here; that an account is locked, or owes a second factor, is told only to who knows its password.
    /// </summary>
    public async Task<CredentialCheck> PasswordAsync(string email, string password, string? address, CancellationToken cancellationToken)
    {
        var check = await credentials.CheckPasswordAsync(email, password, address, cancellationToken);
        await GoOnAsync(check, SignInMethods.Password, address, cancellationToken);
        return check;
    }

    /// <summary>The first step of who comes from the identity provider.</summary>
    /// <param name="member">Whom the provider means.</param>
    /// <param name="method"><see cref="SignInMethods.Oidc"/>, or <see cref="SignInMethods.OidcAndFactor"/>.</param>
    /// <param name="address">Where the request came from.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task<CredentialCheck> ProviderAsync(StaffMember member, string method, string? address, CancellationToken cancellationToken)
    {
        var check = await credentials.NextAsync(member, method, cancellationToken);
        await GoOnAsync(check, method, address, cancellationToken);
        return check;
    }

    /// <summary>The second step: a code.</summary>
    /// <param name="member">Who it is.</param>
    /// <param name="first">How they did the first step.</param>
    /// <param name="code">What was typed.</param>
    /// <param name="address">Where the request came from.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task<CredentialCheck> CodeAsync(StaffMember member, string first, string code, string? address, CancellationToken cancellationToken)
    {
        var check = await credentials.CheckCodeAsync(member, code, address, cancellationToken);
        check = check.IsAccepted ? check with { Method = SignInMethods.After(first, check.Method) } : check;
        await EndAsync(check, address, cancellationToken);
        return check;
    }

    /// <summary>Lets in who has been checked.</summary>
    public async Task AcceptAsync(StaffMember member, string method, string? address, CancellationToken cancellationToken)
    {
        await record.WriteAsync(member, method, address, cancellationToken);
        await step.ForgetAsync();
        await cookie.SignInAsync(member, method, cancellationToken);
    }

    /// <summary>Where a person goes after the first step.</summary>
    public static string After(CredentialOutcome outcome, string? returnUrl) => outcome switch
    {
        CredentialOutcome.SecondFactorNeeded => PortalUrls.Step(PortalUrls.SignInCode, returnUrl),
        CredentialOutcome.SecondFactorMissing => PortalUrls.Step(PortalUrls.SignInSecondFactor, returnUrl),
        _ => PortalUrls.LocalOrPanel(returnUrl),
    };

    private async Task GoOnAsync(CredentialCheck check, string first, string? address, CancellationToken cancellationToken)
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
