using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Tenancy;

namespace Vigia.Core.TenantSide;

/// <summary>A user who has signed in.</summary>
public sealed record TenantSignedIn(string Token, TenantAccount User);

/// <summary>
/// Signs users of tenants in by name or address and password. Every try is counted before its password is looked at,
/// in the counters of <see cref="SignInThrottle"/>. See docs/rules.md#tenant-sign-in.
/// </summary>
// More than five dependencies: the counters need their limits, a copied master signs nobody in, and a refusal is
// logged.
public sealed partial class TenantSignIn(
    TenantSessions sessions, SignInThrottle throttle, TenantPasswords passwords, TenantTokens tokens,
    MasterIdentity identity, IOptions<TenantSideOptions> options, ILogger<TenantSignIn> logger)
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
    /// <exception cref="RuleException"><c>read_only</c>.</exception>
    /// <exception cref="TooManyTriesException">Too many tries from there, or for this account.</exception>
    /// <exception cref="TenantRefusedException">The tenant's database can't be reached.</exception>
    public async Task<TenantSignedIn?> SignInAsync(
        TenantEntry tenant, string name, string password, SignInOrigin from, string? traceId,
        CancellationToken cancellationToken)
    {
        // A copy of a master must not act on the databases of the original (docs/rules.md#copied-master).
        identity.DemandWritable();
        var key = TenantTries.KeyOf(name);
        var taken = await throttle.TakeAsync(
            TenantTries.Of(tenant.Id, key, from, options.Value), cancellationToken);
        var user = await FindAsync(tenant, key, taken, cancellationToken);
        if (!await VerifyAsync(user, password, taken, cancellationToken))
        {
            LogRefused(logger, tenant.Subdomain, from.Address);
            return null;
        }

        // The password was right, so the try must not stay counted if the browser goes away.
        await throttle.ForgetAsync(taken, CancellationToken.None);

        // The check took a while. The tenant may have been suspended, renamed, or replaced by another one of its name.
        var current = sessions.Current(tenant);
        var account = TenantAccount.Of(user!);
        return new TenantSignedIn(await tokens.IssueAsync(current, account, traceId, cancellationToken), account);
    }

    // Only the wait for a turn can be cancelled, and then the password was not looked at.
    private async Task<bool> VerifyAsync(
        StoredUser? user, string password, IReadOnlyList<TakenTry> taken, CancellationToken cancellationToken)
    {
        try
        {
            return await passwords.VerifyAsync(
                user is { IsActive: true, Roles.Length: > 0 } ? user.HashedPassword : null, password,
                cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await throttle.TakeBackAsync(taken, CancellationToken.None);
            throw;
        }
    }

    // The session is given back before the password is checked, which takes longer than everything else.
    // A try whose password was not looked at does not count: the tenant's database does not answer, or the caller has
    // gone away.
    private async Task<StoredUser?> FindAsync(
        TenantEntry tenant, string key, IReadOnlyList<TakenTry> taken, CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await sessions.OpenAsync(tenant, cancellationToken);
            return await TenantAccounts.FindAsync(session, key, cancellationToken);
        }
        catch
        {
            await throttle.TakeBackAsync(taken, CancellationToken.None);
            throw;
        }
    }

    // The typed name may be a password, so it is not logged.
    [LoggerMessage(Level = LogLevel.Warning, Message = "A sign-in at {Subdominio} was refused, from {Address}")]
    private static partial void LogRefused(ILogger logger, string subdominio, string? address);
}
