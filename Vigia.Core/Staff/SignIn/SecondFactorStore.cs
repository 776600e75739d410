using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.SignIn;

/// <summary>
/// Stores authenticators and recovery codes in the master. Identity would store both in plain text. Here the secret is
/// encrypted and the codes are hashed, so that nobody can use a dump of the master as a second factor
/// (docs/rules.md#secrets).
/// </summary>
public sealed class SecondFactorStore(IDataProtectionProvider protection)
{
    // Identity's own provider name for sign-in data, so that deleting that data also deletes ours.
    private const string Store = StaffTables.AuthenticatorProvider;
    private const string Secret = StaffTables.AuthenticatorSecret;
    private const string LastStep = "TotpStep";
    private const string Recovery = "Recovery:";

    /// <summary>Replaces secret and codes; saved with the context.</summary>
    internal async Task PutAsync(
        MasterContext db, Guid staffId, byte[] secret, long usedStep, IEnumerable<string> codes,
        CancellationToken cancellationToken)
    {
        await RemoveAsync(db, staffId, cancellationToken);
        Add(db, staffId, Secret, Convert.ToBase64String(Protector(staffId).Protect(secret)));
        Add(db, staffId, LastStep, usedStep.ToString(CultureInfo.InvariantCulture));
        AddCodes(db, staffId, codes);
    }

    /// <summary>Replaces the recovery codes; saved with the context.</summary>
    internal static async Task ReplaceCodesAsync(
        MasterContext db, Guid staffId, IEnumerable<string> codes, CancellationToken cancellationToken)
    {
        await Codes(db, staffId).ExecuteDeleteAsync(cancellationToken);
        AddCodes(db, staffId, codes);
    }

    internal static Task RemoveAsync(MasterContext db, Guid staffId, CancellationToken cancellationToken) =>
        db.UserTokens.Where(t => t.UserId == staffId && t.LoginProvider == Store).ExecuteDeleteAsync(cancellationToken);

    /// <summary>Counts the recovery codes that are left.</summary>
    internal static Task<int> CountCodesAsync(MasterContext db, Guid staffId, CancellationToken cancellationToken) =>
        Codes(db, staffId).CountAsync(cancellationToken);

    /// <summary>
    /// Redeems the authenticator's current digits. Returns false when they are wrong or used up, also by another
    /// instance at the same moment.
    /// </summary>
    internal async Task<bool> RedeemDigitsAsync(
        MasterContext db, Guid staffId, string digits, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var stored = await db.UserTokens.Where(t => t.UserId == staffId && t.LoginProvider == Store && t.Name == Secret)
            .Select(t => t.Value).SingleOrDefaultAsync(cancellationToken);
        if (stored is null || Open(staffId, stored) is not { } secret
            || Totp.Match(secret, digits, now) is not { } step)
        {
            return false;
        }

        return await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE portal.staff_tokens SET value = {step}::text
            WHERE user_id = {staffId} AND login_provider = {Store} AND name = {LastStep} AND value::bigint < {step}
            """, cancellationToken) == 1;
    }

    /// <summary>Redeems a recovery code and deletes it. Returns false when there is no such code.</summary>
    internal static async Task<bool> RedeemRecoveryCodeAsync(
        MasterContext db, Guid staffId, string code, CancellationToken cancellationToken)
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
        db.UserTokens.Add(new IdentityUserToken<Guid>
        {
            UserId = staffId, LoginProvider = Store, Name = name,
            Value = value
        });

    // Encrypted for one person: a row that is copied to another person can't be decrypted.
    private IDataProtector Protector(Guid staffId) => protection.CreateProtector("Totp", staffId.ToString("N"));

    private byte[]? Open(Guid staffId, string stored)
    {
        try
        {
            return Protector(staffId).Unprotect(Convert.FromBase64String(stored));
        }
        catch (CryptographicException)
        {
            // The encryption key is gone: no authenticator code can be verified, but recovery codes still work.
            return null;
        }
    }
}
