using Microsoft.AspNetCore.Identity;
using Vigia.Core.Errors;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Account;

/// <summary>Checks the passkeys that browsers send. What was asked of the browser is kept meanwhile by Identity, in a sealed cookie of its own.</summary>
internal sealed class PasskeySignIn(SignInManager<StaffMember> signIn, StaffCredentials credentials, TimeProvider time)
{
    // A passkey with its attestation is a few KiB.
    private const int Longest = 32 * 1024;

    /// <summary>What to ask the browser for: any passkey of this portal, or one of a certain person.</summary>
    public Task<string> AskAsync(StaffMember? member) => signIn.MakePasskeyRequestOptionsAsync(member!);

    /// <summary>What to ask the browser to make.</summary>
    public Task<string> AskNewAsync(StaffMember member) => signIn.MakePasskeyCreationOptionsAsync(
        new PasskeyUserEntity { Id = member.Id.ToString(), Name = member.Email!, DisplayName = member.FullName.Length > 0 ? member.FullName : member.Email! });

    /// <summary>Whose passkey it is.</summary>
    /// <exception cref="RuleException"><c>passkey_refused</c>, or <c>locked_out</c>.</exception>
    public async Task<StaffMember> CheckAsync(string? credential)
    {
        var result = await TryAsync(credential, signIn.PerformPasskeyAssertionAsync);
        if (result is not { Succeeded: true, User: { } member, Passkey: { } passkey } || !credentials.MaySignIn(member))
        {
            throw new RuleException("passkey_refused");
        }

        if (member.LockoutEnd > time.GetUtcNow())
        {
            throw new RuleException("locked_out");
        }

        // Its counter goes on, so that a copy of it shows.
        await signIn.UserManager.AddOrUpdatePasskeyAsync(member, passkey);
        return member;
    }

    /// <summary>A new passkey of this person.</summary>
    /// <exception cref="RuleException"><c>passkey_refused</c>.</exception>
    public async Task<UserPasskeyInfo> CheckNewAsync(StaffMember member, string? credential)
    {
        var result = await TryAsync(credential, signIn.PerformPasskeyAttestationAsync);
        return result is { Succeeded: true, Passkey: { } passkey, UserEntity: { } owner } && owner.Id == member.Id.ToString() ? passkey : throw new RuleException("passkey_refused");
    }

    private static async Task<TResult?> TryAsync<TResult>(string? credential, Func<string, Task<TResult>> check)
        where TResult : class
    {
        if (credential is not { Length: > 0 and <= Longest })
        {
            return null;
        }

        try
        {
            return await check(credential);
        }
        catch (InvalidOperationException)
        {
            // Nothing was asked, or too long ago.
            return null;
        }
    }
}
