using Microsoft.AspNetCore.Identity;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.SignIn;

/// <summary>
/// Checks e-mail, password and second factor, for the pages and the HTTP API alike. Every try is counted by
/// <see cref="SignInThrottle"/> before it is looked at. Scoped: Identity's manager holds a context, so take a scope for
/// each call.
/// </summary>
public sealed class StaffCredentials(
    UserManager<StaffMember> staff, SecondFactorCheck secondFactor, SecondFactorPolicy policy, SignInThrottle throttle,
    TimeProvider time)
{
    // Verifying against this hash takes as long as against a real one, so that the response time does not reveal which
    // addresses exist.
    private static readonly string NobodysHash = new PasswordHasher<StaffMember>()
        .HashPassword(new StaffMember(), Guid.NewGuid().ToString());

    /// <summary>
    /// Checks all credentials at once. The work is the same whatever is wrong, so that an outsider learns neither which
    /// accounts exist nor that a password is right. <paramref name="code"/> is six digits of the authenticator or a
    /// recovery code; null when none was typed.
    /// </summary>
    /// <exception cref="TooManyTriesException">Too many tries from there, or for this account.</exception>
    public async Task<CredentialCheck> CheckAsync(
        string email, string password, string? code, SignInOrigin origin, CancellationToken cancellationToken)
    {
        var taken = await TakePasswordAsync(email, origin, cancellationToken);
        var known = await FindAsync(email, cancellationToken);
        var check = await VerifyAsync(known, password) ? Next(known!, SignInMethods.Password) : Refused(known);
        if (!string.IsNullOrWhiteSpace(code))
        {
            var isAsked = check.Outcome == CredentialOutcome.SecondFactorNeeded && known!.Member.TwoFactorEnabled;
            var method = await secondFactor.RedeemAsync(
                isAsked ? known!.Member.Id : Guid.Empty, code, cancellationToken);
            check = isAsked ? AfterCode(known!.Member, method) : check;
        }

        return await SettleAsync(check, taken, origin, cancellationToken);
    }

    /// <summary>
    /// The first step: checks address and password. Accepts the person only if a password is enough.
    /// </summary>
    /// <exception cref="TooManyTriesException">Too many tries from there, or for this account.</exception>
    public async Task<CredentialCheck> CheckPasswordAsync(
        string email, string password, SignInOrigin origin, CancellationToken cancellationToken)
    {
        var taken = await TakePasswordAsync(email, origin, cancellationToken);
        var known = await FindAsync(email, cancellationToken);
        var check = await VerifyAsync(known, password) ? Next(known!, SignInMethods.Password) : Refused(known);
        if (check.Outcome is CredentialOutcome.SecondFactorNeeded or CredentialOutcome.SecondFactorMissing)
        {
            // Only the whole sign-in forgets earlier tries. Otherwise the right password would allow codes without end.
            await throttle.TakeBackAsync(taken, cancellationToken);
            return check;
        }

        return await SettleAsync(check, taken, origin, cancellationToken);
    }

    /// <summary>
    /// Decides what follows a correct first step: acceptance or a second step. <paramref name="method"/> is how the
    /// person proved who they are, a value of <see cref="SignInSession.Method"/>.
    /// </summary>
    public async Task<CredentialCheck> NextAsync(StaffMember member, string method, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Next(await ReadAsync(member, cancellationToken), method);
    }

    /// <summary>
    /// Decides what follows for a person who chose the password in the same request. Nothing was tried, so nothing is
    /// counted, and earlier wrong tries at the address do not matter.
    /// </summary>
    public async Task<CredentialCheck> NextAfterChoosingAsync(string email, CancellationToken cancellationToken) =>
        await FindAsync(email, cancellationToken) is { } known ? Next(known, SignInMethods.Password) : Refused(null);

    /// <summary>
    /// The second step, after a correct first one: a code of the authenticator or a recovery code.
    /// <paramref name="first"/> is the method of the first step.
    /// </summary>
    /// <exception cref="TooManyTriesException">Too many tries from there, or for this account.</exception>
    public async Task<CredentialCheck> CheckCodeAsync(
        StaffMember member, string first, string code, SignInOrigin origin, CancellationToken cancellationToken)
    {
        if (!MaySignIn(member) || !member.TwoFactorEnabled)
        {
            return new CredentialCheck(CredentialOutcome.Refused, member, null);
        }

        var taken = await throttle.TakeAsync(
            TryCounter.OfCode(member.Id, first, origin, throttle.Options), cancellationToken);
        var method = await secondFactor.RedeemAsync(member.Id, code, cancellationToken);
        return await SettleAsync(AfterCode(member, method), taken, origin, cancellationToken);
    }

    /// <summary>Whether the member may sign in at all: not disabled, and access not ended.</summary>
    public bool MaySignIn(StaffMember member) =>
        member.DisabledAt is null && !(member.AccessEndsAt <= time.GetUtcNow());

    private Task<IReadOnlyList<TakenTry>> TakePasswordAsync(
        string email, SignInOrigin origin, CancellationToken cancellationToken) =>
        throttle.TakeAsync(
            TryCounter.OfPassword(staff.NormalizeEmail(email), origin, throttle.Options), cancellationToken);

    private async Task<CredentialCheck> SettleAsync(
        CredentialCheck check, IReadOnlyList<TakenTry> taken, SignInOrigin origin, CancellationToken cancellationToken)
    {
        if (check.IsAccepted)
        {
            await throttle.ForgetAsync(taken, cancellationToken);
        }
        else
        {
            await throttle.FailAsync(taken, check.Member, origin.Address, cancellationToken);
        }

        return check;
    }

    private async Task<Known?> FindAsync(string email, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var member = await staff.FindByEmailAsync(email);
        var known = await ReadAsync(member ?? new StaffMember(), cancellationToken);
        return member is null ? null : known;
    }

    // Asked for members that do not exist too, so that their answers take as long.
    private async Task<Known> ReadAsync(StaffMember member, CancellationToken cancellationToken) => new(
        member, policy.IsOn ? [.. await staff.GetRolesAsync(member)] : [],
        policy.IsOn && await secondFactor.HasPasskeyAsync(member, cancellationToken));

    private async Task<bool> VerifyAsync(Known? known, string password)
    {
        if (known is { Member: { PasswordHash: not null } member } && MaySignIn(member))
        {
            return await staff.CheckPasswordAsync(member, password);
        }

        staff.PasswordHasher.VerifyHashedPassword(new StaffMember(), NobodysHash, password);
        return false;
    }

    private CredentialCheck Next(Known known, string method)
    {
        var member = known.Member;
        if (!MaySignIn(member))
        {
            return Refused(known);
        }

        if (policy.IsTwo(method))
        {
            return new CredentialCheck(CredentialOutcome.Accepted, member, method);
        }

        if (member.TwoFactorEnabled)
        {
            return new CredentialCheck(CredentialOutcome.SecondFactorNeeded, member, null);
        }

        if (policy.IsDemandedOf(known.Roles))
        {
            // A person with a passkey has a second factor, so the first step alone must not be enough to set up another
            // one.
            var outcome = known.HasPasskey
                ? CredentialOutcome.SecondFactorNeeded : CredentialOutcome.SecondFactorMissing;
            return new CredentialCheck(outcome, member, null);
        }

        return new CredentialCheck(CredentialOutcome.Accepted, member, method);
    }

    private static CredentialCheck AfterCode(StaffMember member, string? method) => method is null
        ? new CredentialCheck(CredentialOutcome.SecondFactorWrong, member, null)
        : new CredentialCheck(CredentialOutcome.Accepted, member, method);

    private static CredentialCheck Refused(Known? known) => new(CredentialOutcome.Refused, known?.Member, null);

    // These values decide about the second step. They are read before the password is checked.
    private sealed record Known(StaffMember Member, IReadOnlyList<string> Roles, bool HasPasskey);
}
