using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Portal.Components.SignIn;

/// <summary>
/// Checks the passkeys that browsers send. Identity binds the pending challenge to the browser, in an encrypted cookie
/// of its own; <see cref="PasskeyChallenges"/> makes sure that each is used once.
/// </summary>
internal sealed class PasskeySignIn(
    SignInManager<StaffMember> signIn, StaffCredentials credentials, PasskeyChallenges challenges,
    IOptions<IdentityPasskeyOptions> options)
{
    // A passkey with its attestation takes a few KiB.
    private const int Longest = 32 * 1024;

    /// <summary>
    /// The options for a request to the browser: any passkey of this portal, or one of a given person.
    /// </summary>
    public async Task<string> AskAsync(StaffMember? member, CancellationToken cancellationToken) =>
        await challenges.IssueAsync(await signIn.MakePasskeyRequestOptionsAsync(member!), cancellationToken);

    /// <summary>
    /// Refuses to add a passkey where none can work: it belongs to a domain, and an IP address is none (W3C Web
    /// Authentication, 5.1.3).
    /// </summary>
    /// <exception cref="RuleException"><c>passkey_needs_name</c>.</exception>
    public void DemandName(HttpRequest request)
    {
        if (Uri.CheckHostName(options.Value.ServerDomain ?? request.Host.Host)
            is UriHostNameType.IPv4 or UriHostNameType.IPv6)
        {
            throw new RuleException("passkey_needs_name");
        }
    }

    /// <summary>The options for creating a passkey in the browser.</summary>
    public async Task<string> AskNewAsync(StaffMember member, CancellationToken cancellationToken) =>
        await challenges.IssueAsync(
            await signIn.MakePasskeyCreationOptionsAsync(new PasskeyUserEntity
            {
                Id = member.Id.ToString(), Name = member.Email!,
                DisplayName = member.FullName.Length > 0 ? member.FullName : member.Email!
            }), cancellationToken);

    /// <summary>Checks a passkey and returns its owner.</summary>
    /// <exception cref="RuleException"><c>passkey_refused</c>.</exception>
    public async Task<StaffMember> CheckAsync(string? credential, CancellationToken cancellationToken)
    {
        var result = await TryAsync(credential, signIn.PerformPasskeyAssertionAsync, cancellationToken);
        if (result is not { Succeeded: true, User: { } member, Passkey: { } passkey } || !credentials.MaySignIn(member))
        {
            throw new RuleException("passkey_refused");
        }

        // Stores the new signature counter, so that a cloned passkey can be detected.
        await signIn.UserManager.AddOrUpdatePasskeyAsync(member, passkey);
        return member;
    }

    /// <summary>Checks a new passkey of this person.</summary>
    /// <exception cref="RuleException"><c>passkey_refused</c>.</exception>
    public async Task<UserPasskeyInfo> CheckNewAsync(
        StaffMember member, string? credential, CancellationToken cancellationToken)
    {
        var result = await TryAsync(credential, signIn.PerformPasskeyAttestationAsync, cancellationToken);
        return result is { Succeeded: true, Passkey: { } passkey, UserEntity: { } owner }
            && owner.Id == member.Id.ToString() ? passkey : throw new RuleException("passkey_refused");
    }

    private async Task<TResult?> TryAsync<TResult>(
        string? credential, Func<string, Task<TResult>> check, CancellationToken cancellationToken)
        where TResult : class
    {
        if (credential is not { Length: > 0 and <= Longest }
            || !await challenges.RedeemAsync(credential, cancellationToken))
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
