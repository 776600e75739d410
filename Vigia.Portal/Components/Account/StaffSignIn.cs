using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Account;

/// <summary>Signs staff in with e-mail and password.</summary>
internal sealed partial class StaffSignIn(
    StaffCredentials credentials, StaffCookie cookie, SignInRecord record, ILogger<StaffSignIn> logger)
{
    /// <summary>
    /// Signs in who gave what they have to give. Wrong password, unknown address and a disabled account give the same answer in the same time, so
    /// that nobody can find out who works here; that an account is locked, or wants a code, is told only to who knows its password.
    /// </summary>
    public async Task<CredentialOutcome> TryAsync(string email, string password, string? code, string? address, CancellationToken cancellationToken)
    {
        var check = await credentials.CheckAsync(email, password, code, cancellationToken);
        if (check.IsAccepted)
        {
            await record.WriteAsync(check.Member, check.Method, address, cancellationToken);
            await cookie.SignInAsync(check.Member, check.Method, cancellationToken);
        }
        else if (check.Outcome != CredentialOutcome.SecondFactorNeeded)
        {
            LogRefused(logger, check.Member?.Id, check.Outcome, address);
        }

        return check.Outcome;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sign-in of {StaffId} not accepted ({Outcome}) from {Address}")]
    private static partial void LogRefused(ILogger logger, Guid? staffId, CredentialOutcome outcome, string? address);
}
