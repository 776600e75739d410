using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
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
public sealed class InvitationAcceptance(
    IDbContextFactory<MasterContext> contexts, TenantSessions sessions, TenantPasswords passwords, AuditTrail audit,
    MasterIdentity identity, IOptions<TenantSideOptions> options, SignInThrottle throttle, TimeProvider time)
{
    /// <summary>The action in the tenant's own audit log.</summary>
    public const string LogAction = "invitation_accepted";

    private const string Gone = "invitation_gone";

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
        var admin = await TenantAccounts.FirstAdministrator(session.Context, found.SentTo).AsNoTracking()
            .ToListAsync(cancellationToken);
        return admin is [var one] ? new OpenInvitation(one.Email, found.LegalName ?? tenant.Subdomain, found.IsRecovery)
            : null;
    }

    /// <summary>
    /// Sets the password and uses up the invitation. Wrong tries for the account are forgotten. A password of before
    /// works until then.
    /// </summary>
    /// <exception cref="RuleException"><c>invitation_gone</c>, <c>read_only</c>, <c>audit_closed</c>.</exception>
    /// <exception cref="InvalidInputException"><c>password</c>; the invitation can still be used.</exception>
    /// <exception cref="TenantRefusedException">The tenant's database can't be reached.</exception>
    public async Task AcceptAsync(
        TenantEntry tenant, string? token, string password, string? address, CancellationToken cancellationToken)
    {
        identity.DemandWritable();
        var found = await FindRowAsync(tenant, token, cancellationToken) ?? throw new RuleException(Gone);
        if (TenantPasswords.Problem(password) is { } problem)
        {
            throw new InvalidInputException("password", problem);
        }

        // The password comes first. If the process ends between the two, the tenant's audit log knows that the link was
        // used: a second use changes no password, and completes what is missing here.
        var admin = await SetPasswordAsync(tenant, found, passwords.Hash(password), cancellationToken);
        await RecordAsync(tenant, found, admin, address, cancellationToken);
        await throttle.ForgetAsync(TenantTries.OfUser(tenant.Id, admin.UserId, options.Value), cancellationToken);
        if (!admin.IsSet)
        {
            throw new RuleException(Gone);
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

    // The lock on the row makes one of two simultaneous uses the first.
    private async Task<(int UserId, string Email, bool IsSet)> SetPasswordAsync(
        TenantEntry tenant, FoundInvitation found, string hash, CancellationToken cancellationToken)
    {
        await using var session = await sessions.OpenAsync(tenant, cancellationToken);
        var db = session.Context;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var admin = (await TenantAccounts.FirstAdministrator(db, found.SentTo).AsNoTracking()
            .ToListAsync(cancellationToken)).FirstOrDefault() ?? throw new RuleException(Gone);
        await db.Database.ExecuteSqlAsync(
            $"SELECT FROM public.users WHERE id = {admin.Id} FOR UPDATE", cancellationToken);
        var (entity, id, mark) = ($"{admin.Id}", admin.Id, found.Id.ToString("D"));
        if (await db.Database.SqlQuery<bool>($"""
            SELECT EXISTS (SELECT FROM public.audit_log WHERE entity = 'users' AND entity_id = {entity}
                AND action = {LogAction} AND detail ->> 'invitation' = {mark}) AS "Value"
            """).SingleAsync(cancellationToken))
        {
            return (id, admin.Email, false);
        }

        await TenantUserSession.NameActorAsync(db, id, admin.Email, null, cancellationToken);
        await db.Users.Where(u => u.Id == id).ExecuteUpdateAsync(
            set => set.SetProperty(u => u.HashedPassword, hash).SetProperty(u => u.IsActive, true), cancellationToken);
        var detail = JsonSerializer.Serialize(new { invitation = mark, recovery = found.IsRecovery });
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO public.audit_log (user_id, actor, action, entity, entity_id, detail)
            VALUES ({id}, {admin.Email}, {LogAction}, 'users', {entity}, {detail}::jsonb)
            """, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (id, admin.Email, true);
    }

    private async Task RecordAsync(
        TenantEntry tenant, FoundInvitation found, (int UserId, string Email, bool IsSet) admin, string? address,
        CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var now = time.GetUtcNow();
        if (await db.Set<TenantInvitation>().Where(i => i.Id == found.Id && i.UsedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(i => i.UsedAt, now), cancellationToken) == 0)
        {
            return;
        }

        var row = await db.Set<Tenant>().AsNoTracking().Where(t => t.Id == tenant.Id).Select(t => t.Ruc)
            .SingleOrDefaultAsync(cancellationToken);
        await audit.CommitAsync(db, new Actor(null, admin.Email, address, []), new AuditEntry(
            "tenant.invitation_accepted")
        {
            TenantId = tenant.Id, Ruc = row, Subdomain = tenant.Subdomain,
            After = new Dictionary<string, object?>
            {
                ["sent_to"] = found.SentTo, ["user_id"] = admin.UserId, ["recovery"] = found.IsRecovery,
            },
        }, cancellationToken);
    }

    private sealed record FoundInvitation(Guid Id, string SentTo, string? LegalName, bool IsRecovery);
}
