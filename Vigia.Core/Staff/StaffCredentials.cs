using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Identity;

namespace Vigia.Core.Staff;

/// <summary>What became of checking who signs in.</summary>
public enum CredentialOutcome
{
    Accepted,

    /// <summary>Unknown address, wrong password, disabled, or access that is over: whoever asks learns no more.</summary>
    Refused,

    /// <summary>Too many tries; told only to who knows the password.</summary>
    LockedOut,

    /// <summary>The password is right and a code is asked for.</summary>
    SecondFactorNeeded,

    /// <summary>The password is right and the code is not.</summary>
    SecondFactorWrong,
}

/// <summary>The outcome, and whom it is about.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Member">Who it is; null for an address that nobody has.</param>
/// <param name="Method">As <see cref="SignInSession.Method"/> says it; null unless accepted.</param>
public sealed record CredentialCheck(CredentialOutcome Outcome, StaffMember? Member, string? Method)
{
    [MemberNotNullWhen(true, nameof(Member), nameof(Method))]
    public bool IsAccepted => Outcome == CredentialOutcome.Accepted;
}

/// <summary>
/// Checks e-mail, password and second factor, for the pages and the HTTP API alike. Scoped: Identity's manager holds a context, so take a scope
/// for each call.
/// </summary>
public sealed class StaffCredentials(UserManager<StaffMember> staff, TimeProvider time)
{
    // Verifying against this takes as long as against a real one: the time of an answer must not tell which addresses exist.
    private static readonly string NobodysHash = new PasswordHasher<StaffMember>().HashPassword(new StaffMember(), Guid.NewGuid().ToString());

    /// <summary>Checks all that a person typed. Five wrong tries, of password or code, lock the account for 15 minutes.</summary>
    /// <param name="email">Their address.</param>
    /// <param name="password">Their password.</param>
    /// <param name="code">Six digits of the authenticator, or a recovery code; null when none was typed.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task<CredentialCheck> CheckAsync(string email, string password, string? code, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var member = await staff.FindByEmailAsync(email);
        if (member is null || !MaySignIn(member))
        {
            staff.PasswordHasher.VerifyHashedPassword(new StaffMember(), NobodysHash, password);
            return new CredentialCheck(CredentialOutcome.Refused, member, null);
        }

        var locked = await staff.IsLockedOutAsync(member);
        if (!await staff.CheckPasswordAsync(member, password))
        {
            return locked ? new CredentialCheck(CredentialOutcome.Refused, member, null) : await FailAsync(member, CredentialOutcome.Refused);
        }

        return locked ? new CredentialCheck(CredentialOutcome.LockedOut, member, null) : await SecondFactorAsync(member, code);
    }

    /// <summary>Whether this member may come in at all: not disabled, and access not over.</summary>
    public bool MaySignIn(StaffMember member) => member.DisabledAt is null && !(member.AccessEndsAt <= time.GetUtcNow());

    private async Task<CredentialCheck> SecondFactorAsync(StaffMember member, string? code)
    {
        if (!await staff.GetTwoFactorEnabledAsync(member))
        {
            return await AcceptAsync(member, "password");
        }

        var digits = code?.Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        if (string.IsNullOrEmpty(digits))
        {
            return new CredentialCheck(CredentialOutcome.SecondFactorNeeded, member, null);
        }

        if (await staff.VerifyTwoFactorTokenAsync(member, TokenOptions.DefaultAuthenticatorProvider, digits))
        {
            return await AcceptAsync(member, "password+totp");
        }

        return (await staff.RedeemTwoFactorRecoveryCodeAsync(member, code!.Trim())).Succeeded
            ? await AcceptAsync(member, "password+recovery_code")
            : await FailAsync(member, CredentialOutcome.SecondFactorWrong);
    }

    private async Task<CredentialCheck> AcceptAsync(StaffMember member, string method)
    {
        await staff.ResetAccessFailedCountAsync(member);
        return new CredentialCheck(CredentialOutcome.Accepted, member, method);
    }

    private async Task<CredentialCheck> FailAsync(StaffMember member, CredentialOutcome outcome)
    {
        await staff.AccessFailedAsync(member);
        return new CredentialCheck(outcome, member, null);
    }
}
