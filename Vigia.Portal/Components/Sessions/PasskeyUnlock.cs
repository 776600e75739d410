using Microsoft.AspNetCore.Identity;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Sessions;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.SignIn;

namespace Vigia.Portal.Components.Sessions;

/// <summary>Unlocks the session of a request with a passkey of its person.</summary>
internal sealed class PasskeyUnlock(
    PasskeySignIn passkeys, UserManager<StaffMember> staff, Confirmations confirmations,
    Reauthentication reauthentication, SessionUnlock unlock)
{
    /// <summary>The options for a request to the browser.</summary>
    /// <returns>Null for a person without a passkey.</returns>
    public async Task<string?> AskAsync(HttpContext context) =>
        context.Features.Get<SessionStanding>()?.HasPasskey == true
            && await staff.GetUserAsync(context.User) is { } member
                ? await passkeys.AskAsync(member, context.RequestAborted) : null;

    /// <returns>Null when the session is unlocked. Otherwise the reason why not.</returns>
    public Task<Message?> TryAsync(HttpContext context, string? credential) =>
        unlock.TryAsync(context, () => ProveAsync(context, credential));

    private async Task<string?> ProveAsync(HttpContext context, string? credential)
    {
        var member = await staff.GetUserAsync(context.User) ?? throw new RuleException("session_over");
        if (!await IsOfAsync(member, credential, context.RequestAborted))
        {
            // A passkey of another person counts as a failed attempt, like a wrong password.
            await reauthentication.RecordForeignAsync(
                StaffSession.ActorOf(context.User, context.Connection.RemoteIpAddress?.ToString()), member,
                context.RequestAborted);
            throw new RuleException("passkey_refused");
        }

        return await confirmations.IssueAsync(
            member.Id, new SignedAction(SignedAction.Unlock, member.Id.ToString()), SignInMethods.Passkey,
            context.RequestAborted);
    }

    private async Task<bool> IsOfAsync(
        StaffMember member, string? credential, CancellationToken cancellationToken)
    {
        try
        {
            return (await passkeys.CheckAsync(credential, cancellationToken)).Id == member.Id;
        }
        catch (RuleException refusal) when (refusal.Reason.Code == "passkey_refused")
        {
            return false;
        }
    }
}
