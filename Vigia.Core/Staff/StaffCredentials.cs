using Microsoft.AspNetCore.Identity;

namespace Vigia.Core.Staff;

/// <summary>
/// Checks e-mail, password and second factor, for the pages and the HTTP API alike. Scoped: Identity's manager holds a context, so take a scope
/// for each call.
/// </summary>
public sealed class StaffCredentials(
    UserManager<StaffMember> staff, SecondFactorCheck secondFactor, SecondFactorPolicy policy, StaffLockout lockout, TimeProvider time)
{
    // Verifying against this takes as long as against a real one: the time of an answer must not tell which addresses exist.
    private static readonly string NobodysHash = new PasswordHasher<StaffMember>().HashPassword(new StaffMember(), Guid.NewGuid().ToString());

    /// <summary>Checks all that a person gave, at once. Five wrong tries, of password or code, lock the account for 15 minutes.</summary>
    /// <param name="email">Their address.</param>
    /// <param name="password">Their password.</param>
    /// <param name="code">Six digits of the authenticator, or a recovery code; null when none was typed.</param>
    /// <param name="address">Where the request came from; administrators are told it when the account is locked.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task<CredentialCheck> CheckAsync(string email, string password, string? code, string? address, CancellationToken cancellationToken)
    {
        var check = await CheckPasswordAsync(email, password, address, cancellationToken);
        return check is { Outcome: CredentialOutcome.SecondFactorNeeded, Member: { } member } && !string.IsNullOrWhiteSpace(code)
            ? await CheckCodeAsync(member, code, address, cancellationToken)
            : check;
    }

    /// <summary>The first step: who says they are whom. Accepted only where a password is enough.</summary>
    /// <param name="email">Their address.</param>
    /// <param name="password">Their password.</param>
    /// <param name="address">Where the request came from.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task<CredentialCheck> CheckPasswordAsync(string email, string password, string? address, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var member = await staff.FindByEmailAsync(email);
        if (member?.PasswordHash is null || !MaySignIn(member))
        {
            staff.PasswordHasher.VerifyHashedPassword(new StaffMember(), NobodysHash, password);
            return new CredentialCheck(CredentialOutcome.Refused, member, null);
        }

        if (!await staff.CheckPasswordAsync(member, password))
        {
            await lockout.FailAsync(member, address, cancellationToken);
            return new CredentialCheck(CredentialOutcome.Refused, member, null);
        }

        var check = await NextAsync(member, SignInMethods.Password, cancellationToken);
        if (check.IsAccepted)
        {
            await lockout.ForgetAsync(member, cancellationToken);
        }

        return check;
    }

    /// <summary>What comes after a first step that was right: in, or a second step.</summary>
    /// <param name="member">Who it is.</param>
    /// <param name="method">How they proved it, as <see cref="SignInSession.Method"/> says it.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task<CredentialCheck> NextAsync(StaffMember member, string method, CancellationToken cancellationToken)
    {
        if (!MaySignIn(member))
        {
            return new CredentialCheck(CredentialOutcome.Refused, member, null);
        }

        if (lockout.IsLocked(member))
        {
            return new CredentialCheck(CredentialOutcome.LockedOut, member, null);
        }

        if (policy.IsTwo(method))
        {
            return new CredentialCheck(CredentialOutcome.Accepted, member, method);
        }

        if (member.TwoFactorEnabled)
        {
            return new CredentialCheck(CredentialOutcome.SecondFactorNeeded, member, null);
        }

        if (policy.IsOn && policy.IsDemandedOf([.. await staff.GetRolesAsync(member)]))
        {
            // Who has a passkey has a second factor: their first step alone must not be able to set up another one.
            var outcome = await secondFactor.HasPasskeyAsync(member, cancellationToken) ? CredentialOutcome.SecondFactorNeeded : CredentialOutcome.SecondFactorMissing;
            return new CredentialCheck(outcome, member, null);
        }

        return new CredentialCheck(CredentialOutcome.Accepted, member, method);
    }

    /// <summary>The second step, for who has done the first one: a code of the authenticator, or a recovery code.</summary>
    /// <param name="member">Who it is.</param>
    /// <param name="code">What was typed.</param>
    /// <param name="address">Where the request came from.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task<CredentialCheck> CheckCodeAsync(StaffMember member, string code, string? address, CancellationToken cancellationToken)
    {
        if (!MaySignIn(member) || !member.TwoFactorEnabled)
        {
            return new CredentialCheck(CredentialOutcome.Refused, member, null);
        }

        if (lockout.IsLocked(member))
        {
            return new CredentialCheck(CredentialOutcome.LockedOut, member, null);
        }

        if (await secondFactor.SpendAsync(member, code, cancellationToken) is not { } method)
        {
            await lockout.FailAsync(member, address, cancellationToken);
            return new CredentialCheck(CredentialOutcome.SecondFactorWrong, member, null);
        }

        await lockout.ForgetAsync(member, cancellationToken);
        return new CredentialCheck(CredentialOutcome.Accepted, member, method);
    }

    /// <summary>Whether this member may come in at all: not disabled, and access not over.</summary>
    public bool MaySignIn(StaffMember member) => member.DisabledAt is null && !(member.AccessEndsAt <= time.GetUtcNow());
}
