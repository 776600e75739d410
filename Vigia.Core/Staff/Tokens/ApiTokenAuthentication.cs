using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Core.Staff.Tokens;

/// <summary>
/// Authenticates bearer tokens. Reads the database on every request, so that a person who was disabled, demoted or
/// limited in the meantime loses access at once.
/// </summary>
// More than five dependencies: a sign-in is checked, recorded and told to the person in one transaction.
public sealed class ApiTokenAuthentication(
    IDbContextFactory<MasterContext> contexts, AuditTrail audit, MasterIdentity identity, SecondFactorPolicy policy,
    AccountMails mails, TimeProvider time)
{
    /// <summary>How long the token of a sign-in over the API works.</summary>
    public static readonly TimeSpan ShortLived = TimeSpan.FromMinutes(60);

    /// <summary>The text that the audit trail prints for a token without a name.</summary>
    public const string ViaApi = "API";

    private static readonly TimeSpan LastUsePrecision = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Issues a token to a member whose credentials were just checked, and records the sign-in.
    /// <paramref name="method"/> is a value of <see cref="SignInSession.Method"/>.
    /// </summary>
    /// <exception cref="RuleException"><c>second_factor_required</c>; <c>read_only</c>.</exception>
    public async Task<IssuedToken> IssueAsync(
        StaffMember member, string method, string? address, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var roles = await RolesOf(db, member.Id).ToListAsync(cancellationToken);
        if (!policy.IsMetBy(method, roles))
        {
            throw new RuleException("second_factor_required");
        }

        var token = ApiTokenText.New(ApiTokenText.ShortLived);
        var row = new ApiToken
        {
            StaffId = member.Id, TokenHash = ApiTokenText.Hash(token), Prefix = ApiTokenText.Prefix(token),
            CreatedAt = now, ExpiresAt = now + ShortLived,
        };
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var isKnown = await IsKnownAsync(db, member, address, cancellationToken);
        await db.Users.Where(staff => staff.Id == member.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(staff => staff.LastSignInAt, now), cancellationToken);
        db.Set<ApiToken>().Add(row);
        if (!isKnown)
        {
            await mails.AddAsync(db, member.Id, AccountNews.SignIn, [ViaApi], address, cancellationToken);
        }

        var actor = new Actor(member.Id, NameOf(member.FullName, member.Email), address, roles) { Via = ViaApi };
        await audit.CommitAsync(
            db, actor, new AuditEntry(
            "staff.signed_in")
            { After = new Dictionary<string, object?> { ["method"] = method } }, cancellationToken);
        return new IssuedToken(token, row.Id, row.ExpiresAt);
    }

    /// <summary>
    /// Returns the holder of the token with their current roles and tenant scope; null when it is not or no longer
    /// valid.
    /// </summary>
    public async Task<Actor?> AuthenticateAsync(string? token, string? address, CancellationToken cancellationToken)
    {
        if (!ApiTokenText.IsWellFormed(token))
        {
            return null;
        }

        var (hash, now) = (ApiTokenText.Hash(token!), time.GetUtcNow());
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var held = policy.IsHeldIn(db);
        var found = await (
            from row in db.Set<ApiToken>().AsNoTracking()
            join member in db.Users on row.StaffId equals member.Id
            where row.TokenHash == hash && row.RevokedAt == null && row.ExpiresAt > now
                && member.DisabledAt == null && (member.AccessEndsAt == null || member.AccessEndsAt > now)
            select new
            {
                row.Id,
                row.Name,
                row.Rights,
                row.LastUsedAt,
                StaffId = member.Id,
                member.FullName,
                member.Email,
                member.IsScoped,
                HasSecondFactor = held.Contains(member.Id),
                Roles = (from membership in db.UserRoles
                         join role in db.Roles on membership.RoleId equals role.Id
                         where membership.UserId == member.Id
                         select role.Name!).ToList(),
                Scope = db.Set<StaffScope>().Where(s => s.StaffId == member.Id).Select(s => s.TenantId).ToList(),
            }).AsSingleQuery().SingleOrDefaultAsync(cancellationToken);
        if (found is null || (!found.HasSecondFactor && policy.IsDemandedOf(found.Roles)))
        {
            return null;
        }

        await RecordUseAsync(db, found.Id, found.LastUsedAt, address, now, cancellationToken);
        return new Actor(found.StaffId, NameOf(found.FullName, found.Email), address, found.Roles)
        {
            TenantScope = found.IsScoped ? found.Scope : null,
            RightsLimit = found.Rights,
            Via = found.Name ?? ViaApi,
            SignInId = found.Id,
        };
    }

    // A program has no browser that could be known, so the source decides whether a sign-in is news: with IPv6 one
    // machine changes its address within its network all the time. A person has few addresses.
    private static async Task<bool> IsKnownAsync(
        MasterContext db, StaffMember member, string? address, CancellationToken cancellationToken)
    {
        var used = await db.Set<ApiToken>().Where(t => t.StaffId == member.Id).Select(t => t.LastUsedAddress)
            .Union(db.Set<SignInSession>().Where(s => s.StaffId == member.Id).Select(s => s.Address))
            .ToListAsync(cancellationToken);
        var source = SignInOrigin.SourceOf(address);
        return used.Exists(one => SignInOrigin.SourceOf(one) == source);
    }

    // At most once a minute, so that a script in a loop does not cause a write on every call. The condition in the
    // statement makes two simultaneous instances write only once. A master that is read-only for a while must not stop
    // a call that only reads.
    private async Task RecordUseAsync(
        MasterContext db, Guid id, DateTimeOffset? last, string? address, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var before = now - LastUsePrecision;
        if (identity.ReadOnly is not null || last > before)
        {
            return;
        }

        try
        {
            await db.Set<ApiToken>().Where(t => t.Id == id && (t.LastUsedAt == null || t.LastUsedAt <= before))
                .ExecuteUpdateAsync(
                set => set.SetProperty(t => t.LastUsedAt, now).SetProperty(t => t.LastUsedAddress, address),
                cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ReadOnlySqlTransaction)
        {
            // The next call tries again.
        }
    }

    private static IQueryable<string> RolesOf(MasterContext db, Guid staffId) =>
        from membership in db.UserRoles
        join role in db.Roles on membership.RoleId equals role.Id
        where membership.UserId == staffId
        select role.Name!;

    private static string NameOf(string? fullName, string? email) =>
        string.IsNullOrWhiteSpace(fullName) ? email! : fullName;
}
