using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.SignIn;

/// <summary>
/// The browsers on which a member of staff has signed in. Each has its own wrong tries, which an administrator sees and
/// ends together with the others. See docs/decisions/staff.md#d310.
/// </summary>
public sealed class KnownBrowsers(IDbContextFactory<MasterContext> contexts, TimeProvider time)
{
    /// <summary>The number of browsers that are kept for a member, those of the latest sign-ins.</summary>
    public const int Most = 10;

    internal const string Provider = "vigia.known_browser";

    /// <summary>Remembers that a member has signed in on this browser now.</summary>
    public async Task RememberAsync(Guid staffId, Guid device, CancellationToken cancellationToken)
    {
        var (name, now) = ($"{device:N}", time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture));
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO portal.staff_tokens (user_id, login_provider, name, value)
            VALUES ({staffId}, {Provider}, {name}, {now})
            ON CONFLICT (user_id, login_provider, name) DO UPDATE SET value = excluded.value
            """, cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"""
            DELETE FROM portal.staff_tokens WHERE user_id = {staffId} AND login_provider = {Provider} AND name NOT IN (
                SELECT name FROM portal.staff_tokens WHERE user_id = {staffId} AND login_provider = {Provider}
                ORDER BY value DESC, name LIMIT {Most})
            """, cancellationToken);
    }

    /// <summary>
    /// Whether the person with this address, as Identity normalises it, has signed in on this browser, and nothing has
    /// ended that since. <paramref name="device"/> is the id in the browser's cookie.
    /// </summary>
    public async Task<bool> IsKnownAsync(string normalizedEmail, Guid device, CancellationToken cancellationToken)
    {
        var name = $"{device:N}";
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.UserTokens.AnyAsync(
            t => t.LoginProvider == Provider && t.Name == name
                && db.Users.Any(s => s.Id == t.UserId && s.NormalizedEmail == normalizedEmail), cancellationToken);
    }

    /// <summary>
    /// Forgets all browsers of a member, inside the caller's transaction. The next sign-in on each of them is one on a
    /// new browser.
    /// </summary>
    internal static Task<int> ForgetAsync(MasterContext db, Guid staffId, CancellationToken cancellationToken) =>
        db.UserTokens.Where(t => t.UserId == staffId && t.LoginProvider == Provider)
            .ExecuteDeleteAsync(cancellationToken);

    internal static async Task<ILookup<Guid, Guid>> OfAsync(
        MasterContext db, IEnumerable<Guid> members, CancellationToken cancellationToken)
    {
        var ids = members.ToList();
        var rows = await db.UserTokens.Where(t => ids.Contains(t.UserId) && t.LoginProvider == Provider)
            .Select(t => new { t.UserId, t.Name }).ToListAsync(cancellationToken);
        return rows.ToLookup(t => t.UserId, t => Guid.ParseExact(t.Name, "N"));
    }
}
