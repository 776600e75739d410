using Microsoft.AspNetCore.Identity;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Portal.Components.SignIn;

/// <summary>
/// Checks the passkeys that browsers send. Identity keeps the pending challenge in an encrypted cookie of its own.
/// </summary>
internal sealed class PasskeySignIn(SignInManager<StaffMember> signIn, StaffCredentials credentials, TimeProvider time)
{
    // A passkey with its attestation takes a few KiB.
    private const int Longest = 32 * 1024;

    /// <summary>
    /// The options for a request to the browser: any passkey of this portal, or one of a given person.
    /// </summary>
    public Task<string> AskAsync(StaffMember? member) => signIn.MakePasskeyRequestOptionsAsync(member!);

    /// <summary>The options for creating a passkey in the browser.</summary>
    public Task<string> AskNewAsync(StaffMember member) => signIn.MakePasskeyCreationOptionsAsync(
        new PasskeyUserEntity
        {
            Id = member.Id.ToString(), Name = member.Email!,
            DisplayName = member.FullName.Length > 0 ? member.FullName : member.Email!
        });

    /// <summary>Checks a passkey and returns its owner.</summary>
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

        // Stores the new signature counter, so that a cloned passkey can be detected.
        await signIn.UserManager.AddOrUpdatePasskeyAsync(member, passkey);
        return member;
    }

    /// <summary>Checks a new passkey of this person.</summary>
    /// <exception cref="RuleException"><c>passkey_refused</c>.</exception>
    public async Task<UserPasskeyInfo> CheckNewAsync(StaffMember member, string? credential)
    {
        var result = await TryAsync(credential, signIn.PerformPasskeyAttestationAsync);
        return result is { Succeeded: true, Passkey: { } passkey, UserEntity: { } owner }
            && owner.Id == member.Id.ToString() ? passkey : throw new RuleException("passkey_refused");
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
            // There is no pending challenge, or it has expired.
            return null;
        }
    }
}
