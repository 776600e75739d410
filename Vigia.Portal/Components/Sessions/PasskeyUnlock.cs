using Microsoft.AspNetCore.Identity;
using Vigia.Core.Errors;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Account;

namespace Vigia.Portal.Components.Sessions;

/// <summary>Opens the locked sign-in of a request to who has a passkey of its person.</summary>
internal sealed class PasskeyUnlock(PasskeySignIn passkeys, UserManager<StaffMember> staff, Confirmations confirmations, StaffLockout lockout, SessionUnlock unlock)
{
    /// <summary>What to ask the browser for.</summary>
    /// <returns>Null for who has no passkey.</returns>
    public async Task<string?> AskAsync(HttpContext context) =>
        context.Features.Get<SessionStanding>()?.HasPasskey == true && await staff.GetUserAsync(context.User) is { } member ? await passkeys.AskAsync(member) : null;

    /// <param name="context">The request.</param>
    /// <param name="credential">What the browser gave.</param>
    /// <returns>Null when it is open; else why not.</returns>
    public Task<Message?> TryAsync(HttpContext context, string? credential) => unlock.TryAsync(context, () => ProveAsync(context, credential));

    private async Task<string?> ProveAsync(HttpContext context, string? credential)
    {
        var member = await staff.GetUserAsync(context.User) ?? throw new RuleException("session_over");
        if (!await IsOfAsync(member, credential))
        {
            // Somebody tries to be another one: that counts, like a wrong password.
            await lockout.FailAsync(member, context.Connection.RemoteIpAddress?.ToString(), context.RequestAborted);
            throw new RuleException("passkey_refused");
        }

        return await confirmations.IssueAsync(member.Id, new SignedAction(SignedAction.Unlock, member.Id.ToString()), SignInMethods.Passkey, context.RequestAborted);
    }

    private async Task<bool> IsOfAsync(StaffMember member, string? credential)
    {
        try
        {
            return (await passkeys.CheckAsync(credential)).Id == member.Id;
        }
        catch (RuleException refusal) when (refusal.Reason.Code == "passkey_refused")
        {
            return false;
        }
    }
}
