using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.SignIn;

/// <summary>Checks the second factor that a person typed.</summary>
public sealed class SecondFactorCheck(
    IDbContextFactory<MasterContext> contexts, SecondFactorStore store, TimeProvider time)
{
    private const int Digits = 6;

    /// <summary>
    /// Redeems a code of the member: six digits or a recovery code. No code works twice. Without a member
    /// (<see cref="Guid.Empty"/>) every code is wrong, after the same work.
    /// </summary>
    /// <returns>
    /// The sign-in method, a value of <see cref="SignInSession.Method"/>; null when the code is wrong.
    /// </returns>
    public async Task<string?> RedeemAsync(Guid staffId, string code, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var digits = string.Concat(code.Where(c => !char.IsWhiteSpace(c) && c != '-'));
        if (digits.Length == Digits && digits.All(char.IsAsciiDigit))
        {
            return await store.RedeemDigitsAsync(db, staffId, digits, time.GetUtcNow(), cancellationToken)
                ? SignInMethods.PasswordAndCode : null;
        }

        return RecoveryCodes.LooksLikeOne(code)
            && await SecondFactorStore.RedeemRecoveryCodeAsync(db, staffId, code, cancellationToken)
            ? SignInMethods.PasswordAndRecoveryCode : null;
    }

    /// <summary>Whether the person has a passkey.</summary>
    public async Task<bool> HasPasskeyAsync(StaffMember member, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.UserPasskeys.AnyAsync(p => p.UserId == member.Id, cancellationToken);
    }
}
