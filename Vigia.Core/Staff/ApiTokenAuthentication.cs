using Microsoft.EntityFrameworkCore;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Core.Master;

namespace Vigia.Core.Staff;

/// <summary>
/// Who stands behind a bearer token at this moment: asked of the database with every request, so that who is disabled, demoted or limited meanwhile
/// loses it at once.
/// </summary>
public sealed class ApiTokenAuthentication(
    IDbContextFactory<MasterContext> contexts, AuditTrail audit, MasterIdentity identity, SecondFactorPolicy policy, TimeProvider time)
{
    /// <summary>How long the token works that signing in over the API gives.</summary>
    public static readonly TimeSpan ShortLived = TimeSpan.FromMinutes(60);

    /// <summary>In the trail for what a token without a name did.</summary>
    public const string ViaApi = "API";

    private static readonly TimeSpan LastUsePrecision = TimeSpan.FromMinutes(1);

    /// <summary>Issues a token to who has just given password and code, and records that they came in.</summary>
    /// <param name="member">Who has been checked.</param>
    /// <param name="method">How, as <see cref="SignInSession.Method"/> says it.</param>
    /// <param name="address">Where the request came from.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="RuleException"><c>second_factor_required</c>; <c>read_only</c>.</exception>
    public async Task<IssuedToken> IssueAsync(StaffMember member, string method, string? address, CancellationToken cancellationToken)
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
            StaffId = member.Id, TokenHash = ApiTokenText.Hash(token), Prefix = ApiTokenText.Prefix(token), CreatedAt = now, ExpiresAt = now + ShortLived,
        };
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Users.Where(staff => staff.Id == member.Id).ExecuteUpdateAsync(set => set.SetProperty(staff => staff.LastSignInAt, now), cancellationToken);
        db.ApiTokens.Add(row);
        var actor = new Actor(member.Id, NameOf(member), address, roles) { Via = ViaApi };
        await audit.CommitAsync(db, actor, new AuditEntry("staff.signed_in") { After = new Dictionary<string, object?> { ["method"] = method } }, cancellationToken);
        return new IssuedToken(token, row.Id, row.ExpiresAt);
    }

    /// <summary>Who holds this token, with the roles and clients of this moment; null when it opens nothing (any more).</summary>
    /// <param name="token">As it was sent.</param>
    /// <param name="address">Where the request came from.</param>
    /// <param name="cancellationToken">Ends the request.</param>
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
            from row in db.ApiTokens.AsNoTracking()
            join member in db.Users on row.StaffId equals member.Id
            where row.TokenHash == hash && row.RevokedAt == null && row.ExpiresAt > now
                && member.DisabledAt == null && (member.AccessEndsAt == null || member.AccessEndsAt > now)
            select new
            {
                Row = row,
                Member = member,
                HasSecondFactor = held.Contains(member.Id),
                Roles = RolesOf(db, member.Id).ToList(),
                Scope = db.StaffScopes.Where(s => s.StaffId == member.Id).Select(s => s.TenantId).ToList(),
            }).AsSplitQuery().SingleOrDefaultAsync(cancellationToken);
        if (found is null || (!found.HasSecondFactor && policy.IsDemandedOf(found.Roles)))
        {
            return null;
        }

        await NoteUseAsync(db, found.Row, address, now, cancellationToken);
        return new Actor(found.Member.Id, NameOf(found.Member), address, found.Roles)
        {
            TenantScope = found.Member.IsScoped ? found.Scope : null,
            RightsLimit = found.Row.Rights,
            Via = found.Row.Name ?? ViaApi,
        };
    }

    // At most once a minute, so that a script in a loop does not write with every call; two instances at once write once.
    private async Task NoteUseAsync(MasterContext db, ApiToken token, string? address, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var before = now - LastUsePrecision;
        if (identity.ReadOnly is null && !(token.LastUsedAt > before))
        {
            await db.ApiTokens.Where(t => t.Id == token.Id && (t.LastUsedAt == null || t.LastUsedAt <= before)).ExecuteUpdateAsync(
                set => set.SetProperty(t => t.LastUsedAt, now).SetProperty(t => t.LastUsedAddress, address), cancellationToken);
        }
    }

    private static IQueryable<string> RolesOf(MasterContext db, Guid staffId) =>
        from membership in db.UserRoles
        join role in db.Roles on membership.RoleId equals role.Id
        where membership.UserId == staffId
        select role.Name!;

    private static string NameOf(StaffMember member) => string.IsNullOrWhiteSpace(member.FullName) ? member.Email! : member.FullName;
}
