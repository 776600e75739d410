using Microsoft.EntityFrameworkCore;
using Vigia.Core.Master;

namespace Vigia.Core.Staff;

/// <summary>Whether what a person typed is their second factor.</summary>
public sealed class SecondFactorCheck(IDbContextFactory<MasterContext> contexts, SecondFactorStore store, TimeProvider time)
{
    private const int Digits = 6;

    /// <summary>Uses up a code: six digits, or one of the recovery codes. None works twice.</summary>
    /// <returns>How the person signed in by it, as <see cref="SignInSession.Method"/> says it; null when it is wrong.</returns>
    public async Task<string?> SpendAsync(StaffMember member, string code, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var digits = string.Concat(code.Where(c => !char.IsWhiteSpace(c) && c != '-'));
        if (digits.Length == Digits && digits.All(char.IsAsciiDigit))
        {
            return await store.SpendDigitsAsync(db, member.Id, digits, time.GetUtcNow(), cancellationToken) ? SignInMethods.PasswordAndCode : null;
        }

        return RecoveryCodes.LooksLikeOne(code) && await SecondFactorStore.SpendCodeAsync(db, member.Id, code, cancellationToken) ? SignInMethods.PasswordAndRecoveryCode : null;
    }

    /// <summary>Whether the person has a passkey.</summary>
    public async Task<bool> HasPasskeyAsync(StaffMember member, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.UserPasskeys.AnyAsync(p => p.UserId == member.Id, cancellationToken);
    }
}
