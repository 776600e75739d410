using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Tenancy;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.TenantSide;

/// <summary>A user who has signed in.</summary>
public sealed record TenantSignedIn(string Token, TenantAccount User);

/// <summary>
/// Signs users of tenants in by name or address and password. Every try is counted before its password is looked at,
/// in the counters of <see cref="SignInThrottle"/>. See docs/rules.md#tenant-sign-in.
/// </summary>
// More than five dependencies: the counters need their limits, and a refusal is logged.
public sealed partial class TenantSignIn(
    TenantSessions sessions, SignInThrottle throttle, TenantPasswords passwords, TenantTokens tokens,
    IOptions<TenantSideOptions> options, ILogger<TenantSignIn> logger)
{
    /// <summary>
    /// Checks name and password and issues a token. The work is the same whatever is wrong: an unknown name, a wrong
    /// password, a blocked account.
    /// </summary>
    /// <param name="tenant">The tenant of the request.</param>
    /// <param name="name">The user name or the e-mail address, in any case.</param>
    /// <param name="password">The password.</param>
    /// <param name="from">Where the request came from.</param>
    /// <param name="traceId">The id of the request's trace.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>Null when something is wrong with the account.</returns>
    /// <exception cref="TooManyTriesException">Too many tries from there, or for this account.</exception>
    /// <exception cref="TenantRefusedException">The tenant's database can't be reached.</exception>
    public async Task<TenantSignedIn?> SignInAsync(
        TenantEntry tenant, string name, string password, SignInOrigin from, string? traceId,
        CancellationToken cancellationToken)
    {
        var user = await FindAsync(tenant, name, cancellationToken);
        var taken = await throttle.TakeAsync(
            TenantTries.Of(tenant, user, name, from.Source, options.Value), cancellationToken);
        var maySignIn = user is { IsActive: true, Roles.Count: > 0 };
        if (!passwords.Verify(maySignIn ? user!.HashedPassword : null, password))
        {
            LogRefused(logger, tenant.Subdomain, from.Address);
            return null;
        }

        await throttle.ForgetAsync(taken, cancellationToken);
        var account = TenantAccount.Of(user!);
        return new TenantSignedIn(await tokens.IssueAsync(tenant, account, traceId, cancellationToken), account);
    }

    // The session is given back before the password is checked, which takes longer than everything else.
    private async Task<TenantUser?> FindAsync(TenantEntry tenant, string name, CancellationToken cancellationToken)
    {
        await using var session = await sessions.OpenAsync(tenant, cancellationToken);
        return await TenantAccounts.FindAsync(session, name, cancellationToken);
    }

    // What was typed as the name may be a password, so it is not logged.
    [LoggerMessage(Level = LogLevel.Warning, Message = "A sign-in at {Subdominio} was refused, from {Address}")]
    private static partial void LogRefused(ILogger logger, string subdominio, string? address);
}
