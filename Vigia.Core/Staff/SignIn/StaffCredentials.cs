using Microsoft.AspNetCore.Identity;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.SignIn;

/// <summary>
/// Checks e-mail, password and second factor, for the pages and the HTTP API alike. Scoped: Identity's manager holds a
/// context, so take a scope for each call.
/// </summary>
public sealed class StaffCredentials(
    UserManager<StaffMember> staff, SecondFactorCheck secondFactor, SecondFactorPolicy policy, SignInLockout lockout,
    TimeProvider time)
{
    // Verifying against this hash takes as long as against a real one, so that the response time does not reveal which
    // addresses exist.
    private static readonly string NobodysHash = new PasswordHasher<StaffMember>()
        .HashPassword(new StaffMember(), Guid.NewGuid().ToString());

    /// <summary>
    /// Checks all credentials at once. Five wrong tries, of password or code, lock the account for 15 minutes.
    /// <paramref name="code"/> is six digits of the authenticator or a recovery code; null when none was typed.
    /// <paramref name="address"/> is where the request came from; administrators see it when the account is locked.
    /// </summary>
    public async Task<CredentialCheck> CheckAsync(
        string email, string password, string? code, string? address, CancellationToken cancellationToken)
    {
        var check = await CheckPasswordAsync(email, password, address, cancellationToken);
        return check is { Outcome: CredentialOutcome.SecondFactorNeeded, Member: { } member }
            && !string.IsNullOrWhiteSpace(code)
            ? await CheckCodeAsync(member, code, address, cancellationToken)
            : check;
    }

    /// <summary>
    /// The first step: checks address and password. Accepts the person only if a password is enough.
    /// </summary>
    public async Task<CredentialCheck> CheckPasswordAsync(
        string email, string password, string? address, CancellationToken cancellationToken)
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
            await lockout.RecordFailureAsync(member, address, cancellationToken);
            return new CredentialCheck(CredentialOutcome.Refused, member, null);
        }

        var check = await NextAsync(member, SignInMethods.Password, cancellationToken);
        if (check.IsAccepted)
        {
            await lockout.ResetAsync(member, cancellationToken);
        }

        return check;
    }

    /// <summary>
    /// Decides what follows a correct first step: acceptance or a second step. <paramref name="method"/> is how the
    /// person proved who they are, a value of <see cref="SignInSession.Method"/>.
    /// </summary>
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
            // A person with a passkey has a second factor, so the first step alone must not be enough to set up another
            // one.
            var outcome = await secondFactor.HasPasskeyAsync(member, cancellationToken)
                ? CredentialOutcome.SecondFactorNeeded : CredentialOutcome.SecondFactorMissing;
            return new CredentialCheck(outcome, member, null);
        }

        return new CredentialCheck(CredentialOutcome.Accepted, member, method);
    }

    /// <summary>
    /// The second step, after a correct first one: a code of the authenticator or a recovery code.
    /// </summary>
    public async Task<CredentialCheck> CheckCodeAsync(
        StaffMember member, string code, string? address, CancellationToken cancellationToken)
    {
        if (!MaySignIn(member) || !member.TwoFactorEnabled)
        {
            return new CredentialCheck(CredentialOutcome.Refused, member, null);
        }

        if (lockout.IsLocked(member))
        {
            return new CredentialCheck(CredentialOutcome.LockedOut, member, null);
        }

        if (await secondFactor.RedeemAsync(member, code, cancellationToken) is not { } method)
        {
            await lockout.RecordFailureAsync(member, address, cancellationToken);
            return new CredentialCheck(CredentialOutcome.SecondFactorWrong, member, null);
        }

        await lockout.ResetAsync(member, cancellationToken);
        return new CredentialCheck(CredentialOutcome.Accepted, member, method);
    }

    /// <summary>Whether the member may sign in at all: not disabled, and access not ended.</summary>
    public bool MaySignIn(StaffMember member) =>
        member.DisabledAt is null && !(member.AccessEndsAt <= time.GetUtcNow());
}
