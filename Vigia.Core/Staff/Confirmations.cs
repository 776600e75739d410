using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Master;

namespace Vigia.Core.Staff;

/// <summary>
/// That a person was asked again and proved who they are, without their password passing through a page: given for one person, action and
/// target, good for a few minutes and once, whichever instance it is shown to (architecture section 11).
/// </summary>
public sealed class Confirmations(IDbContextFactory<MasterContext> contexts, TimeProvider time)
{
    /// <summary>How long one is good for.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>How one begins, in the place where else a password is.</summary>
    public const string Prefix = "reauth:";

    private const string Provider = "vigia.confirmation";

    /// <summary>Gives one.</summary>
    /// <param name="staffId">Who was asked.</param>
    /// <param name="what">What for.</param>
    /// <param name="method">How they proved it: <c>password</c>, <c>passkey</c>, <c>oidc</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<string> IssueAsync(Guid staffId, SignedAction what, string method, CancellationToken cancellationToken)
    {
        var token = Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var until = time.GetUtcNow() + Lifetime;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await RemoveStaleAsync(db, staffId, cancellationToken);
        db.UserTokens.Add(new IdentityUserToken<Guid> { UserId = staffId, LoginProvider = Provider, Name = Hash(token), Value = $"{until:O}|{method}|{Hash($"{what.Action}|{what.Target}")}" });
        await db.SaveChangesAsync(cancellationToken);
        return token;
    }

    /// <summary>Uses one up; also one that was given for something else is gone afterwards.</summary>
    /// <returns>How the person proved it; null when it is unknown, used, too old or was given for something else.</returns>
    internal async Task<string?> RedeemAsync(Guid staffId, SignedAction what, string token, CancellationToken cancellationToken)
    {
        var name = Hash(token);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var row = db.UserTokens.Where(t => t.UserId == staffId && t.LoginProvider == Provider && t.Name == name);
        var value = await row.Select(t => t.Value).SingleOrDefaultAsync(cancellationToken);

        // Whoever removes the row has it; of two at the same moment that is one.
        if (value is null || await row.ExecuteDeleteAsync(cancellationToken) != 1)
        {
            return null;
        }

        var parts = value.Split('|');
        return Until(value) > time.GetUtcNow() && parts[2] == Hash($"{what.Action}|{what.Target}") ? parts[1] : null;
    }

    private async Task RemoveStaleAsync(MasterContext db, Guid staffId, CancellationToken cancellationToken)
    {
        var rows = await db.UserTokens.AsNoTracking().Where(t => t.UserId == staffId && t.LoginProvider == Provider).ToListAsync(cancellationToken);
        var stale = rows.Where(t => Until(t.Value!) <= time.GetUtcNow()).Select(t => t.Name).ToList();
        await db.UserTokens.Where(t => t.UserId == staffId && t.LoginProvider == Provider && stale.Contains(t.Name)).ExecuteDeleteAsync(cancellationToken);
    }

    private static DateTimeOffset Until(string value) => DateTimeOffset.Parse(value.Split('|')[0], CultureInfo.InvariantCulture);

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
