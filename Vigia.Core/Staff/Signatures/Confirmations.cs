using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.Signatures;

/// <summary>
/// A confirmation proves that a person was asked again and proved who they are, without sending their password through
/// a page. It is bound to one person, action and target. It is valid for a few minutes and for one use, at any instance
/// (docs/rules.md#reauthentication).
/// </summary>
public sealed class Confirmations(IDbContextFactory<MasterContext> contexts, TimeProvider time)
{
    /// <summary>How long a confirmation is valid.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>The prefix that distinguishes a confirmation from a password, in the same field.</summary>
    public const string Prefix = "reauth:";

    private const string Provider = "vigia.confirmation";

    /// <summary>
    /// Issues a confirmation. <paramref name="method"/> is how the person proved who they are: <c>password</c>,
    /// <c>passkey</c> or <c>oidc</c>.
    /// </summary>
    public async Task<string> IssueAsync(
        Guid staffId, SignedAction what, string method, CancellationToken cancellationToken)
    {
        var token = Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var until = time.GetUtcNow() + Lifetime;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await RemoveStaleAsync(db, staffId, cancellationToken);
        db.UserTokens.Add(new IdentityUserToken<Guid>
        {
            UserId = staffId, LoginProvider = Provider, Name = Hash(token),
            Value = $"{until:O}|{method}|{Hash($"{what.Action}|{what.Target}")}"
        });
        await db.SaveChangesAsync(cancellationToken);
        return token;
    }

    /// <summary>Redeems a confirmation. One that was issued for another action is used up too.</summary>
    /// <returns>
    /// How the person proved who they are; null when the confirmation is unknown, used, expired or for another action.
    /// </returns>
    internal async Task<string?> RedeemAsync(
        Guid staffId, SignedAction what, string token, CancellationToken cancellationToken)
    {
        var name = Hash(token);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var row = db.UserTokens.Where(t => t.UserId == staffId && t.LoginProvider == Provider && t.Name == name);
        var value = await row.Select(t => t.Value).SingleOrDefaultAsync(cancellationToken);

        // The request that deletes the row redeems the confirmation. Of two simultaneous requests only one can.
        if (value is null || await row.ExecuteDeleteAsync(cancellationToken) != 1)
        {
            return null;
        }

        var parts = value.Split('|');
        return Until(value) > time.GetUtcNow() && parts[2] == Hash($"{what.Action}|{what.Target}") ? parts[1] : null;
    }

    private async Task RemoveStaleAsync(MasterContext db, Guid staffId, CancellationToken cancellationToken)
    {
        var rows = await db.UserTokens.AsNoTracking().Where(t => t.UserId == staffId && t.LoginProvider == Provider)
            .ToListAsync(cancellationToken);
        var stale = rows.Where(t => Until(t.Value!) <= time.GetUtcNow()).Select(t => t.Name).ToList();
        await db.UserTokens.Where(t => t.UserId == staffId && t.LoginProvider == Provider && stale.Contains(t.Name))
            .ExecuteDeleteAsync(cancellationToken);
    }

    private static DateTimeOffset Until(string value) =>
        DateTimeOffset.Parse(value.Split('|')[0], CultureInfo.InvariantCulture);

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
