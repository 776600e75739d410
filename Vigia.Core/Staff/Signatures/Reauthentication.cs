using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Core.Staff.Signatures;

/// <summary>Re-authenticates the acting person. See docs/rules.md#reauthentication.</summary>
/// <remarks>
/// Identity's managers hold a context and a circuit lives for hours, so every call has its own scope.
/// </remarks>
public sealed class Reauthentication(IServiceScopeFactory scopes, Confirmations confirmations, SignInThrottle throttle)
{
    /// <summary>Whether this class refused, so that a form can show the message beside the field.</summary>
    public static bool IsRefusal(RuleException refusal) =>
        refusal.Reason.Code is "password_wrong" or "too_many_tries" or "confirmation_stale";

    /// <summary>
    /// Demands a proof of who the person is: their password as typed, or a confirmation for exactly the action
    /// <paramref name="what"/> (see <see cref="Confirmations"/>).
    /// </summary>
    /// <returns>How the person proved it: <c>password</c>, <c>passkey</c> or <c>oidc</c>.</returns>
    /// <exception cref="RuleException">
    /// <c>password_wrong</c>; <c>confirmation_stale</c>; <see cref="TooManyTriesException"/> after too many wrong tries
    /// through this session or token. Wrong tries elsewhere don't count.
    /// </exception>
    public async Task<string> DemandAsync(
        Actor actor, SignedAction what, string? proof, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await using var scope = scopes.CreateAsyncScope();
        var staff = scope.ServiceProvider.GetRequiredService<UserManager<StaffMember>>();
        var member = actor.StaffId is { } id ? await staff.FindByIdAsync(id.ToString()) : null;
        if (member is null || !scope.ServiceProvider.GetRequiredService<StaffCredentials>().MaySignIn(member))
        {
            throw new RuleException("password_wrong");
        }

        if (proof?.StartsWith(Confirmations.Prefix, StringComparison.Ordinal) == true)
        {
            return await confirmations.RedeemAsync(member.Id, what, proof, cancellationToken)
                ?? throw new RuleException("confirmation_stale");
        }

        if (string.IsNullOrEmpty(proof))
        {
            // An empty password is not a try, so it does not count.
            throw new RuleException("password_wrong");
        }

        var taken = await throttle.TakeAsync(TryCounter.OfProof(actor, throttle.Options), cancellationToken);
        if (!await staff.CheckPasswordAsync(member, proof))
        {
            await throttle.FailAsync(taken, member, actor.Address, cancellationToken);
            throw new RuleException("password_wrong");
        }

        await throttle.ForgetAsync(taken, cancellationToken);
        return SignInMethods.Password;
    }

    /// <summary>
    /// Counts a proof that was given with another person's passkey, as a wrong password is counted.
    /// </summary>
    /// <exception cref="TooManyTriesException">Too many wrong tries through this session.</exception>
    public async Task RecordForeignAsync(Actor actor, StaffMember member, CancellationToken cancellationToken) =>
        await throttle.FailAsync(
            await throttle.TakeAsync(TryCounter.OfProof(actor, throttle.Options), cancellationToken), member,
            actor.Address, cancellationToken);
}
