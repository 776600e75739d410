using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Audit;
using Vigia.Core.Master;
using Vigia.Core.Text;

namespace Vigia.Core.Staff;

/// <summary>
/// The rows that say which account of a provider is whose: Identity's logins, by issuer and subject. One account of a provider is one member's, and
/// a member has one at a provider.
/// </summary>
internal static class OidcLinks
{
    // Where it is kept that a person took their account off: from then on no address links it again, only they do.
    private const string Unlinked = "vigia.oidc.unlinked";

    // Of Identity's columns.
    private const int Longest = 128;

    public static IQueryable<IdentityUserLogin<Guid>> Of(MasterContext db, OidcIdentity who)
    {
        var (issuer, subject) = (Key(who.Issuer), Key(who.Subject));
        return db.UserLogins.Where(l => l.LoginProvider == issuer && l.ProviderKey == subject);
    }

    public static Task<bool> HasOneAsync(MasterContext db, Guid staffId, OidcIdentity who, CancellationToken cancellationToken)
    {
        var issuer = Key(who.Issuer);
        return db.UserLogins.AnyAsync(l => l.UserId == staffId && l.LoginProvider == issuer, cancellationToken);
    }

    public static Task<bool> WasTakenOffAsync(MasterContext db, Guid staffId, OidcIdentity who, CancellationToken cancellationToken)
    {
        var issuer = Key(who.Issuer);
        return db.UserTokens.AnyAsync(t => t.UserId == staffId && t.LoginProvider == Unlinked && t.Name == issuer, cancellationToken);
    }

    /// <summary>Links it; the caller saves.</summary>
    public static void Add(MasterContext db, Guid staffId, OidcIdentity who) =>
        db.UserLogins.Add(new IdentityUserLogin<Guid> { UserId = staffId, LoginProvider = Key(who.Issuer), ProviderKey = Key(who.Subject), ProviderDisplayName = NameOf(who) });

    /// <summary>Takes all of a person's off and remembers it.</summary>
    /// <returns>What they were called; none when there were none.</returns>
    public static async Task<IReadOnlyList<string>> RemoveAsync(MasterContext db, Guid staffId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var links = await db.UserLogins.Where(l => l.UserId == staffId).ToListAsync(cancellationToken);
        var known = await db.UserTokens.Where(t => t.UserId == staffId && t.LoginProvider == Unlinked).Select(t => t.Name).ToListAsync(cancellationToken);
        db.UserLogins.RemoveRange(links);
        db.UserTokens.AddRange(links.Select(l => l.LoginProvider).Except(known)
            .Select(issuer => new IdentityUserToken<Guid> { UserId = staffId, LoginProvider = Unlinked, Name = issuer, Value = $"{now:O}" }));
        return [.. links.Select(l => l.ProviderDisplayName ?? "")];
    }

    /// <summary>What the trail says of a link.</summary>
    public static AuditEntry Record(OidcIdentity who) => new("staff.oidc_linked")
    {
        After = new Dictionary<string, object?> { ["account"] = NameOf(who), ["issuer"] = SafeText.Storable(who.Issuer), ["subject"] = SafeText.Storable(who.Subject) },
    };

    private static string NameOf(OidcIdentity who) => who.Email is { Length: > 0 } email && SafeText.Problem(email, 254) is null ? email : SafeText.Storable(who.Subject)!;

    private static string Key(string text) => text.Length <= Longest && SafeText.Problem(text) is null ? text : "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
