using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Master;

namespace Vigia.Core.Staff;

/// <summary>
/// Authenticator and recovery codes as they lie in the master. Identity itself would store both as they are; here the secret is sealed and
/// the codes are hashed, so that a dump of the master is nobody's second factor (invariant 6).
/// </summary>
public sealed class SecondFactorStore(IDataProtectionProvider protection)
{
    // Identity's own name for what belongs to a person's sign-in: taking all of it away takes away ours.
    private const string Store = "[AspNetUserStore]";
    private const string Secret = "Totp";
    private const string LastStep = "TotpStep";
    private const string Recovery = "Recovery:";

    /// <summary>Puts secret and codes in place of whatever there was; saved with the context.</summary>
    internal async Task PutAsync(MasterContext db, Guid staffId, byte[] secret, long usedStep, IEnumerable<string> codes, CancellationToken cancellationToken)
    {
        await RemoveAsync(db, staffId, cancellationToken);
        Add(db, staffId, Secret, Convert.ToBase64String(Protector(staffId).Protect(secret)));
        Add(db, staffId, LastStep, usedStep.ToString(CultureInfo.InvariantCulture));
        AddCodes(db, staffId, codes);
    }

    /// <summary>Puts new codes in place of the old ones; saved with the context.</summary>
    internal static async Task ReplaceCodesAsync(MasterContext db, Guid staffId, IEnumerable<string> codes, CancellationToken cancellationToken)
    {
        await Codes(db, staffId).ExecuteDeleteAsync(cancellationToken);
        AddCodes(db, staffId, codes);
    }

    internal static Task RemoveAsync(MasterContext db, Guid staffId, CancellationToken cancellationToken) =>
        db.UserTokens.Where(t => t.UserId == staffId && t.LoginProvider == Store).ExecuteDeleteAsync(cancellationToken);

    /// <summary>How many recovery codes are left.</summary>
    internal static Task<int> CountCodesAsync(MasterContext db, Guid staffId, CancellationToken cancellationToken) => Codes(db, staffId).CountAsync(cancellationToken);

    /// <summary>Whether these are the digits of now; they are used up by it, also for another instance at the same moment.</summary>
    internal async Task<bool> SpendDigitsAsync(MasterContext db, Guid staffId, string digits, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var stored = await db.UserTokens.Where(t => t.UserId == staffId && t.LoginProvider == Store && t.Name == Secret).Select(t => t.Value).SingleOrDefaultAsync(cancellationToken);
        if (stored is null || Open(staffId, stored) is not { } secret || Totp.Match(secret, digits, now) is not { } step)
        {
            return false;
        }

        return await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE portal.staff_tokens SET value = {step}::text
            WHERE user_id = {staffId} AND login_provider = {Store} AND name = {LastStep} AND value::bigint < {step}
            """, cancellationToken) == 1;
    }

    /// <summary>Whether this is one of the codes; it is gone afterwards.</summary>
    internal static async Task<bool> SpendCodeAsync(MasterContext db, Guid staffId, string code, CancellationToken cancellationToken)
    {
        var name = Recovery + RecoveryCodes.Hash(code);
        return await Codes(db, staffId).Where(t => t.Name == name).ExecuteDeleteAsync(cancellationToken) == 1;
    }

    private static IQueryable<IdentityUserToken<Guid>> Codes(MasterContext db, Guid staffId) =>
        db.UserTokens.Where(t => t.UserId == staffId && t.LoginProvider == Store && t.Name.StartsWith(Recovery));

    private static void AddCodes(MasterContext db, Guid staffId, IEnumerable<string> codes)
    {
        foreach (var code in codes)
        {
            Add(db, staffId, Recovery + RecoveryCodes.Hash(code), null);
        }
    }

    private static void Add(MasterContext db, Guid staffId, string name, string? value) =>
        db.UserTokens.Add(new IdentityUserToken<Guid> { UserId = staffId, LoginProvider = Store, Name = name, Value = value });

    // Sealed for one person: a row that is copied to another one opens nothing.
    private IDataProtector Protector(Guid staffId) => protection.CreateProtector("Vigia.Staff.Totp", staffId.ToString("N"));

    private byte[]? Open(Guid staffId, string stored)
    {
        try
        {
            return Protector(staffId).Unprotect(Convert.FromBase64String(stored));
        }
        catch (CryptographicException)
        {
            // Sealed with a key that is gone: no code can be right, and recovery codes go on working.
            return null;
        }
    }
}
