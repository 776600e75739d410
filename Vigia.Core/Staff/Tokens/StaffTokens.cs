using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.Tokens;

/// <summary>The API tokens of a member of staff, inside the caller's transaction.</summary>
internal static class StaffTokens
{
    /// <summary>The tokens that work at a moment.</summary>
    public static IQueryable<ApiToken> Working(MasterContext db, Guid staffId, DateTimeOffset now) =>
        db.Set<ApiToken>().Where(t => t.StaffId == staffId && t.RevokedAt == null && t.ExpiresAt > now);

    /// <summary>
    /// Revokes the short-lived tokens, which are sign-ins, and with <paramref name="andPersonal"/> also the others.
    /// </summary>
    /// <returns>How many worked until now.</returns>
    public static Task<int> RevokeAsync(
        MasterContext db, Guid staffId, DateTimeOffset now, bool andPersonal, CancellationToken cancellationToken) =>
        Working(db, staffId, now).Where(t => andPersonal || t.Name == null)
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.RevokedAt, now), cancellationToken);
}
