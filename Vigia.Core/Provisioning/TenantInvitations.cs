using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;

namespace Vigia.Core.Provisioning;

/// <summary>A new invitation.</summary>
/// <param name="Url">The one-time link; null for who may not see it (facts 7.18). It can't be shown again.</param>
/// <param name="SentTo">The address on file.</param>
/// <param name="ExpiresAt">When the link stops working.</param>
public sealed record Invitation(string? Url, string SentTo, DateTimeOffset ExpiresAt);

/// <summary>Mints the one-time link with which the first administrator of a tenant sets a password (facts 7.14, 7.18).</summary>
public sealed class TenantInvitations(IDbContextFactory<MasterContext> contexts, TenantUrls urls, AuditTrail audit, TimeProvider time)
{
    /// <summary>How long a link works.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(72);

    /// <summary>The open or last invitation of a client; null when there has been none.</summary>
    public async Task<TenantInvitation?> LastAsync(Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Invitations.AsNoTracking().Where(i => i.TenantId == tenantId).OrderByDescending(i => i.CreatedAt).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Makes a new link; older ones stop working.</summary>
    /// <param name="actor">Who asks; the link is returned only with <c>tenants.invitation.reveal</c>, and that is audited.</param>
    /// <param name="tenantId">The client; must be ready.</param>
    /// <param name="reason">Required when the administrator has used an invitation before: it is a recovery then.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="RuleException"><c>tenant_unknown</c>, <c>not_ready</c>.</exception>
    /// <exception cref="InvalidInputException">A reason is needed.</exception>
    public async Task<Invitation> InviteAsync(Actor actor, int tenantId, string? reason, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsInvite);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.LockAsync(db, tenantId, cancellationToken);
        if (tenant.State != TenantState.Ready)
        {
            throw new RuleException("not_ready");
        }

        var isRecovery = await db.Invitations.AnyAsync(i => i.TenantId == tenantId && i.UsedAt != null, cancellationToken);
        if (isRecovery || !string.IsNullOrWhiteSpace(reason))
        {
            TenantRules.DemandReason(reason);
        }

        var now = time.GetUtcNow();
        await db.Invitations.Where(i => i.TenantId == tenantId && i.UsedAt == null && i.RevokedAt == null)
            .ExecuteUpdateAsync(s => s.SetProperty(i => i.RevokedAt, now), cancellationToken);
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var invitation = new TenantInvitation
        {
            TenantId = tenantId,
            TokenHash = SHA256.HashData(Encoding.ASCII.GetBytes(token)),
            SentTo = tenant.AccessEmail!,
            CreatedBy = actor.StaffId,
            CreatedByName = actor.Name,
            CreatedAt = now,
            ExpiresAt = now + Lifetime,
        };
        db.Invitations.Add(invitation);
        var reveal = actor.May(Rights.TenantsInvitationReveal);
        await audit.CommitAsync(db, actor, new AuditEntry(isRecovery ? "tenant.admin_recovery" : "tenant.invited")
        {
            TenantId = tenantId,
            Ruc = tenant.Ruc,
            Subdomain = tenant.Subdomain,
            Reason = reason?.Trim(),
            After = new Dictionary<string, object?> { ["sent_to"] = invitation.SentTo, ["expires_at"] = invitation.ExpiresAt, ["link_shown"] = reveal },
        }, cancellationToken);
        return new Invitation(reveal ? $"{urls.Of(tenant.Subdomain!)}/invitacion?token={token}" : null, invitation.SentTo, invitation.ExpiresAt);
    }
}
