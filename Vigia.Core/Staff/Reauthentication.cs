using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Errors;

namespace Vigia.Core.Staff;

/// <summary>Asks the acting person again who they are before something destructive (invariant 7; 21 CFR 11.200(a)).</summary>
/// <remarks>Identity's managers hold a context and a circuit lives for hours, so every call has a scope of its own.</remarks>
public sealed class Reauthentication(IServiceScopeFactory scopes, Confirmations confirmations, StaffLockout lockout)
{
    /// <summary>Whether a refusal came from here, so that a form can show it beside the field.</summary>
    public static bool IsRefusal(RuleException refusal) => refusal.Reason.Code is "password_wrong" or "locked_out" or "confirmation_stale";

    /// <summary>Demands the person's password, or a confirmation (see <see cref="Confirmations"/>) that was given for just this.</summary>
    /// <param name="actor">Who acts.</param>
    /// <param name="what">What they are about to do.</param>
    /// <param name="proof">The password as typed, or the confirmation.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How they proved it: <c>password</c>, <c>passkey</c>, <c>oidc</c>.</returns>
    /// <exception cref="RuleException"><c>password_wrong</c>; <c>confirmation_stale</c>; <c>locked_out</c> after too many tries.</exception>
    public async Task<string> DemandAsync(Actor actor, SignedAction what, string? proof, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await using var scope = scopes.CreateAsyncScope();
        var staff = scope.ServiceProvider.GetRequiredService<UserManager<StaffMember>>();
        var member = actor.StaffId is { } id ? await staff.FindByIdAsync(id.ToString()) : null;
        if (member is null || !scope.ServiceProvider.GetRequiredService<StaffCredentials>().MaySignIn(member))
        {
            throw new RuleException("password_wrong");
        }

        if (lockout.IsLocked(member))
        {
            throw new RuleException("locked_out");
        }

        if (proof?.StartsWith(Confirmations.Prefix, StringComparison.Ordinal) == true)
        {
            var method = await confirmations.RedeemAsync(member.Id, what, proof, cancellationToken) ?? throw new RuleException("confirmation_stale");
            await lockout.ForgetAsync(member, cancellationToken);
            return method;
        }

        if (!await staff.CheckPasswordAsync(member, proof ?? ""))
        {
            await lockout.FailAsync(member, actor.Address, cancellationToken);
            throw new RuleException("password_wrong");
        }

        await lockout.ForgetAsync(member, cancellationToken);
        return SignInMethods.Password;
    }
}
