using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Tenancy;

namespace Vigia.Core.TenantSide;

/// <summary>An invitation that can be used.</summary>
/// <param name="Email">The address that the person signs in with.</param>
/// <param name="LegalName">The name of the tenant.</param>
/// <param name="IsRecovery">Whether an invitation of this tenant was used before.</param>
public sealed record OpenInvitation(string Email, string LegalName, bool IsRecovery);

/// <summary>
/// Accepts the one-time link of a tenant's first administrator, who sets the password with it. The link itself is the
/// authorisation. Unknown, used, replaced and expired links give the same answer. See docs/rules.md#invitation.
/// </summary>
// More than five dependencies: it changes two databases, and the trail records it.
public sealed partial class InvitationAcceptance(
    IDbContextFactory<MasterContext> contexts, TenantSessions sessions, TenantPasswords passwords, AuditTrail audit,
    MasterIdentity identity, IOptions<TenantSideOptions> options, SignInThrottle throttle, TimeProvider time,
    ILogger<InvitationAcceptance> logger)
{
    /// <summary>The action in the tenant's own audit log.</summary>
    public const string LogAction = "invitation_accepted";

    private const string Gone = "invitation_gone";

    // For work that may not be cancelled: setting a password and recording it.
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(30);

    /// <summary>Returns the invitation with this token; null when it can't be used.</summary>
    /// <exception cref="TenantRefusedException">The tenant's database can't be reached.</exception>
    public async Task<OpenInvitation?> FindAsync(
        TenantEntry tenant, string? token, CancellationToken cancellationToken)
    {
        if (await FindRowAsync(tenant, token, cancellationToken) is not { } found)
        {
            return null;
        }

        await using var session = await sessions.OpenAsync(tenant, cancellationToken);
        return await TenantAccounts.FindInvitedAsync(session.Context, found.SentTo, cancellationToken) is { } admin
            ? new OpenInvitation(admin.Email, found.LegalName ?? tenant.Subdomain, found.IsRecovery) : null;
    }

    /// <summary>
    /// Sets the password and uses up the invitation. Wrong tries for the account's name and address are forgotten. An
    /// earlier password works until then. Once the password is set, neither a lost browser nor a failure undoes it.
    /// </summary>
    /// <exception cref="RuleException"><c>invitation_gone</c>, <c>read_only</c>, <c>audit_closed</c>.</exception>
    /// <exception cref="InvalidInputException"><c>password</c>; the invitation can still be used.</exception>
    /// <exception cref="TenantRefusedException">The tenant's database can't be reached.</exception>
    public async Task AcceptAsync(
        TenantEntry tenant, string? token, string password, string? address, CancellationToken cancellationToken)
    {
        identity.DemandWritable();
        _ = await FindRowAsync(tenant, token, cancellationToken) ?? throw new RuleException(Gone);
        if (TenantPasswords.Problem(password) is { } problem)
        {
            throw new InvalidInputException("password", problem);
        }

        await DemandTrailAsync(cancellationToken);
        var hash = await passwords.HashAsync(password, cancellationToken);

        // From here on, a lost browser cancels nothing. Hashing took a while, so the link is looked up again.
        using var ending = new CancellationTokenSource(LongestEnd, time);
        var found = await FindRowAsync(tenant, token, ending.Token) ?? throw new RuleException(Gone);

        // The password comes first. If the process ends between the two, the tenant's audit log knows that the link
        // was used: a second use changes no password, and completes what is missing here.
        var use = await SetPasswordAsync(tenant, found, hash, ending.Token);
        await CompleteAsync(tenant, found, use, address, ending.Token);
        if (!use.IsFirst)
        {
            throw new RuleException(Gone);
        }
    }

    private async Task DemandTrailAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await audit.IsClosedAsync(db, cancellationToken))
        {
            throw new RuleException("audit_closed");
        }
    }

    // The password is set, whatever fails here: an error would say the opposite.
    private async Task CompleteAsync(
        TenantEntry tenant, FoundInvitation found, LinkUse use, string? address, CancellationToken cancellationToken)
    {
        try
        {
            await RecordAsync(tenant, found, use, address, cancellationToken);
            foreach (var counter in TenantTries.OfUser(tenant.Id, use.Email, use.Username, options.Value))
            {
                await throttle.ForgetAsync(counter, cancellationToken);
            }
        }
        catch (Exception e)
        {
            LogIncomplete(logger, e, tenant.Subdomain, found.Id);
        }
    }

    private async Task<FoundInvitation?> FindRowAsync(
        TenantEntry tenant, string? token, CancellationToken cancellationToken)
    {
        var (hash, now) = (SHA256.HashData(Encoding.UTF8.GetBytes(token ?? "")), time.GetUtcNow());
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Set<TenantInvitation>().AsNoTracking()
            .Where(i => i.TokenHash == hash && i.TenantId == tenant.Id && i.UsedAt == null && i.RevokedAt == null
                && i.ExpiresAt > now)
            .Select(i => new FoundInvitation(i.Id, i.SentTo,
                db.Set<Tenant>().Where(t => t.Id == i.TenantId).Select(t => t.LegalName).FirstOrDefault(),
                db.Set<TenantInvitation>().Any(other => other.TenantId == i.TenantId && other.UsedAt != null)))
            .SingleOrDefaultAsync(cancellationToken);
    }

    // Of two simultaneous uses, the lock on the mark lets one go first, even if they find different administrators.
    private async Task<LinkUse> SetPasswordAsync(
        TenantEntry tenant, FoundInvitation found, string hash, CancellationToken cancellationToken)
    {
        await using var session = await sessions.OpenAsync(tenant, cancellationToken);
        var db = session.Context;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var mark = found.Id.ToString("D");
        await db.Database.ExecuteSqlAsync(
            $"SELECT pg_advisory_xact_lock(hashtextextended({mark}, 0))", cancellationToken);
        if (await db.Database.SqlQuery<LinkUse>($"""
            SELECT coalesce(l.user_id, 0) AS "UserId", l.actor AS "Email", u.username AS "Username", false AS "IsFirst"
            FROM public.audit_log l LEFT JOIN public.users u ON u.id = l.user_id
            WHERE l.entity = 'users' AND l.action = {LogAction} AND l.detail ->> 'invitation' = {mark} LIMIT 1
            """).ToListAsync(cancellationToken) is [var used])
        {
            return used;
        }

        var admin = await TenantAccounts.FindInvitedAsync(db, found.SentTo, cancellationToken)
            ?? throw new RuleException(Gone);
        await TenantUserSession.NameActorAsync(db, admin.Id, admin.Email, null, cancellationToken);
        if (await db.Users.Where(u => u.Id == admin.Id).ExecuteUpdateAsync(
            set => set.SetProperty(u => u.HashedPassword, hash).SetProperty(u => u.IsActive, true),
            cancellationToken) != 1)
        {
            // Deleted meanwhile.
            throw new RuleException(Gone);
        }

        var detail = JsonSerializer.Serialize(new { invitation = mark, recovery = found.IsRecovery });
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO public.audit_log (user_id, actor, action, entity, entity_id, detail)
            VALUES ({admin.Id}, {admin.Email}, {LogAction}, 'users', {$"{admin.Id}"}, {detail}::jsonb)
            """, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new LinkUse(admin.Id, admin.Email, admin.Username, IsFirst: true);
    }

    private async Task RecordAsync(
        TenantEntry tenant, FoundInvitation found, LinkUse use, string? address, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var (rows, now) = (db.Set<TenantInvitation>().Where(i => i.Id == found.Id), time.GetUtcNow());

        // A link that was revoked after its password was set stays revoked, but the trail has to know the use.
        if (await rows.Where(i => i.UsedAt == null && i.RevokedAt == null).ExecuteUpdateAsync(
            set => set.SetProperty(i => i.UsedAt, now), cancellationToken) == 0
            && (!use.IsFirst || await rows.AnyAsync(i => i.UsedAt != null, cancellationToken)))
        {
            return;
        }

        var ruc = await db.Set<Tenant>().AsNoTracking().Where(t => t.Id == tenant.Id).Select(t => t.Ruc)
            .SingleOrDefaultAsync(cancellationToken);
        await audit.CommitAsync(db, new Actor(null, use.Email, address, []), new AuditEntry(
            "tenant.invitation_accepted")
        {
            TenantId = tenant.Id, Ruc = ruc, Subdomain = tenant.Subdomain,
            After = new Dictionary<string, object?>
            {
                ["sent_to"] = found.SentTo, ["user_id"] = use.UserId, ["recovery"] = found.IsRecovery,
            },
        }, cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The password of an invitation of {Subdominio} is set, but its "
        + "use is not recorded in the master yet ({Invitation})")]
    private static partial void LogIncomplete(
        ILogger logger, Exception exception, string subdominio, Guid invitation);

    private sealed record FoundInvitation(Guid Id, string SentTo, string? LegalName, bool IsRecovery);

    private sealed record LinkUse(int UserId, string Email, string? Username, bool IsFirst);
}
