using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.ServiceAccounts;

/// <summary>Lists the service accounts with their owners and tokens.</summary>
public sealed class ServiceAccountDirectory(IDbContextFactory<MasterContext> contexts, TimeProvider time)
{
    // The list has all working tokens, and the newest of the ended ones. Ended ones are removed after a time. The audit
    // trail has all.
    private const int MostEndedTokens = 20;

    /// <summary>Lists all accounts, past and present, by name. They are never deleted.</summary>
    public async Task<IReadOnlyList<ServiceAccountView>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.ServiceAccountsManage);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await ReadAsync(db, db.Set<ServiceAccount>(), time.GetUtcNow(), cancellationToken);
    }

    /// <summary>One account.</summary>
    /// <exception cref="NotFoundException"><c>service_account_unknown</c>.</exception>
    public async Task<ServiceAccountView> GetAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.ServiceAccountsManage);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await ReadAsync(db, id, time.GetUtcNow(), cancellationToken);
    }

    /// <summary>One account, as the caller's transaction sees it.</summary>
    /// <exception cref="NotFoundException"><c>service_account_unknown</c>.</exception>
    internal static async Task<ServiceAccountView> ReadAsync(
        MasterContext db, Guid id, DateTimeOffset now, CancellationToken cancellationToken) =>
        (await ReadAsync(db, db.Set<ServiceAccount>().Where(a => a.Id == id), now, cancellationToken))
            .SingleOrDefault() ?? throw new NotFoundException("service_account_unknown");

    /// <summary>Lists the members of staff who can be owners, by name.</summary>
    public async Task<IReadOnlyList<ServiceOwner>> OwnersAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.ServiceAccountsManage);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await ServiceAccount.Present(db, time.GetUtcNow())
            .Where(s => s.PasswordHash != null || s.LastSignInAt != null)
            .OrderBy(s => EF.Functions.Collate(s.FullName, MasterContext.Collation))
            .Select(s => new ServiceOwner(s.Id, s.FullName, s.Email!, false)).ToListAsync(cancellationToken);
    }

    private static async Task<IReadOnlyList<ServiceAccountView>> ReadAsync(
        MasterContext db, IQueryable<ServiceAccount> which, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var accounts = await which.AsNoTracking().OrderBy(a => a.Name).ToListAsync(cancellationToken);
        var ids = accounts.ConvertAll(a => a.Id);
        var people = accounts.SelectMany(a => new[] { a.FirstOwnerId, a.SecondOwnerId }).Distinct().ToList();
        var owners = await db.Users.Where(s => people.Contains(s.Id)).Select(s => new ServiceOwner(
            s.Id, s.FullName, s.Email!, s.DisabledAt != null || s.AccessEndsAt <= now))
            .ToDictionaryAsync(owner => owner.Id, cancellationToken);
        var all = db.Set<ServiceToken>().AsNoTracking();
        var working = await all.Where(t => ids.Contains(t.AccountId) && t.RevokedAt == null && t.ExpiresAt > now)
            .ToListAsync(cancellationToken);
        var ended = await which.SelectMany(a => all
            .Where(t => t.AccountId == a.Id && (t.RevokedAt != null || t.ExpiresAt <= now))
            .OrderByDescending(t => t.CreatedAt).Take(MostEndedTokens)).ToListAsync(cancellationToken);
        var tokens = working.Concat(ended).OrderByDescending(t => t.CreatedAt).ToLookup(t => t.AccountId);
        return [.. accounts.Select(a => new ServiceAccountView(
            a.Id, a.Name, a.Purpose, [owners[a.FirstOwnerId], owners[a.SecondOwnerId]], a.Rights, a.Networks,
            a.TenantIds, a.EndsAt, a.CreatedAt, a.EndedAt,
            Shown(tokens[a.Id].Select(t => new ServiceTokenView(
                t.Id, t.Prefix, t.CreatedAt, t.ExpiresAt, t.LastUsedAt, t.LastUsedAddress, t.RefusedAt,
                t.RefusedAddress, t.RevokedAt)), now))
        {
            Version = ServiceAccountContent.Of(a).Version(),
        })];
    }

    private static List<ServiceTokenView> Shown(IEnumerable<ServiceTokenView> tokens, DateTimeOffset now)
    {
        var byState = tokens.ToLookup(t => t.WorksAt(now));
        return [.. byState[true], .. byState[false].Take(MostEndedTokens)];
    }
}
