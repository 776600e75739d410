using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.SignIn;

/// <summary>
/// Links between members and accounts at an identity provider: Identity's logins, by issuer and subject. An account
/// belongs to one member, and a member has one account per provider.
/// </summary>
internal static class OidcLinks
{
    // Marks that a person unlinked their account. From then on no e-mail address links it again; only the person can.
    private const string Unlinked = "vigia.oidc.unlinked";

    // Length of Identity's key columns.
    private const int Longest = 128;

    public static IQueryable<IdentityUserLogin<Guid>> Of(MasterContext db, OidcIdentity who)
    {
        var (issuer, subject) = (Key(who.Issuer), Key(who.Subject));
        return db.UserLogins.Where(l => l.LoginProvider == issuer && l.ProviderKey == subject);
    }

    public static Task<bool> HasOneAsync(
        MasterContext db, Guid staffId, OidcIdentity who, CancellationToken cancellationToken)
    {
        var issuer = Key(who.Issuer);
        return db.UserLogins.AnyAsync(l => l.UserId == staffId && l.LoginProvider == issuer, cancellationToken);
    }

    public static Task<bool> WasUnlinkedAsync(
        MasterContext db, Guid staffId, OidcIdentity who, CancellationToken cancellationToken)
    {
        var issuer = Key(who.Issuer);
        return db.UserTokens.AnyAsync(
            t => t.UserId == staffId && t.LoginProvider == Unlinked && t.Name == issuer, cancellationToken);
    }

    /// <summary>Links the account; the caller saves.</summary>
    public static void Add(MasterContext db, Guid staffId, OidcIdentity who) =>
        db.UserLogins.Add(new IdentityUserLogin<Guid>
        {
            UserId = staffId, LoginProvider = Key(who.Issuer),
            ProviderKey = Key(who.Subject), ProviderDisplayName = NameOf(who)
        });

    /// <summary>Unlinks all accounts of a person and records that.</summary>
    /// <returns>Their display names; empty when there were none.</returns>
    public static async Task<IReadOnlyList<string>> RemoveAsync(
        MasterContext db, Guid staffId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var links = await db.UserLogins.Where(l => l.UserId == staffId).ToListAsync(cancellationToken);
        var known = await db.UserTokens.Where(t => t.UserId == staffId && t.LoginProvider == Unlinked)
            .Select(t => t.Name).ToListAsync(cancellationToken);
        db.UserLogins.RemoveRange(links);
        db.UserTokens.AddRange(links.Select(l => l.LoginProvider).Except(known)
            .Select(issuer => new IdentityUserToken<Guid>
            {
                UserId = staffId, LoginProvider = Unlinked, Name = issuer,
                Value = $"{now:O}"
            }));
        return [.. links.Select(l => l.ProviderDisplayName ?? "")];
    }

    /// <summary>The audit record of a new link.</summary>
    public static AuditEntry Record(OidcIdentity who) => new("staff.oidc_linked")
    {
        After = new Dictionary<string, object?>
        {
            ["account"] = NameOf(who), ["issuer"] = SafeText.Storable(who.Issuer),
            ["subject"] = SafeText.Storable(who.Subject)
        },
    };

    /// <summary>The account as people recognise it.</summary>
    public static string NameOf(OidcIdentity who) =>
        who.Email is { Length: > 0 } email
        && SafeText.Problem(email, 254) is null ? email : SafeText.Storable(who.Subject)!;

    private static string Key(string text) =>
        text.Length <= Longest
        && SafeText.Problem(text) is null ? text
        : "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
