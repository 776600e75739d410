using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Tokens;

namespace Vigia.Core.Staff.ServiceAccounts;

/// <summary>
/// Authenticates the tokens of service accounts. Reads the database on every request, so that an account that was ended
/// or limited in the meantime loses access at once.
/// </summary>
public sealed class ServiceTokenAuthentication(
    IDbContextFactory<MasterContext> contexts, AuditTrail audit, MasterIdentity identity, TimeProvider time)
{
    private static readonly TimeSpan LastUsePrecision = TimeSpan.FromMinutes(1);

    // A program that retries in a loop must not fill the audit trail.
    private static readonly TimeSpan BetweenRefusals = TimeSpan.FromHours(1);

    /// <summary>Whether the token has the form of a service account's.</summary>
    public static bool IsOurs(string? token) => ApiTokenText.IsService(token);

    /// <summary>
    /// Returns the service account of the token; null when the token or the account does not work, or when
    /// <paramref name="address"/> is in none of its networks. The caller does not learn which of these it is.
    /// </summary>
    public async Task<Actor?> AuthenticateAsync(string? token, string? address, CancellationToken cancellationToken)
    {
        if (!ApiTokenText.IsService(token))
        {
            return null;
        }

        var (hash, now) = (ApiTokenText.Hash(token!), time.GetUtcNow());
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var present = ServiceAccount.Present(db, now);
        var found = await (
            from row in db.Set<ServiceToken>().AsNoTracking()
            join account in db.Set<ServiceAccount>() on row.AccountId equals account.Id
            where row.TokenHash == hash && row.RevokedAt == null && row.ExpiresAt > now
                && account.EndedAt == null && account.EndsAt > now
                && present.Any(s => s.Id == account.FirstOwnerId || s.Id == account.SecondOwnerId)
            select new { Token = row, Account = account }).SingleOrDefaultAsync(cancellationToken);
        if (found is null)
        {
            return null;
        }

        var actor = ActorOf(found.Account, found.Token, address);
        if (!SourceNetworks.Contain(found.Account.Networks, address))
        {
            await RecordRefusalAsync(db, found.Token, actor, now, cancellationToken);
            return null;
        }

        await RecordUseAsync(db, found.Token, address, now, cancellationToken);
        return actor;
    }

    private static Actor ActorOf(ServiceAccount account, ServiceToken token, string? address) =>
        new(null, ServiceAccount.ActorNameOf(account.Name), address, [])
        {
            ServiceAccountId = account.Id,
            RightsLimit = account.Rights,
            TenantScope = account.TenantIds,
            Via = token.Prefix,
            SignInId = token.Id,
        };

    // A token from a foreign network may be a stolen one, so the trail says so. The condition in the statement makes
    // two simultaneous requests write only one record.
    private async Task RecordRefusalAsync(
        MasterContext db, ServiceToken token, Actor actor, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var before = now - BetweenRefusals;
        if (identity.ReadOnly is not null || token.RefusedAt > before)
        {
            return;
        }

        try
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            if (await db.Set<ServiceToken>()
                .Where(t => t.Id == token.Id && (t.RefusedAt == null || t.RefusedAt <= before))
                .ExecuteUpdateAsync(
                    set => set.SetProperty(t => t.RefusedAt, now).SetProperty(t => t.RefusedAddress, actor.Address),
                    cancellationToken) == 1)
            {
                await audit.CommitAsync(db, actor, new AuditEntry("service_account.source_refused")
                {
                    After = new Dictionary<string, object?>
                    {
                        ["name"] = actor.Name, ["token"] = token.Prefix, ["address"] = actor.Address,
                    },
                }, cancellationToken);
            }
        }
        catch (Exception e) when (e is AuditChainClosedException
            or PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction })
        {
            // The request is refused all the same. The next one tries to record it again.
        }
    }

    // Written at most once a minute. A failure here must not fail a call that only reads.
    private async Task RecordUseAsync(
        MasterContext db, ServiceToken token, string? address, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var before = now - LastUsePrecision;
        if (identity.ReadOnly is not null || token.LastUsedAt > before)
        {
            return;
        }

        try
        {
            await db.Set<ServiceToken>()
                .Where(t => t.Id == token.Id && (t.LastUsedAt == null || t.LastUsedAt <= before))
                .ExecuteUpdateAsync(
                    set => set.SetProperty(t => t.LastUsedAt, now).SetProperty(t => t.LastUsedAddress, address),
                    cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ReadOnlySqlTransaction)
        {
            // The next call tries again.
        }
    }
}
