using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Core.Mail;
using Vigia.Core.Master;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;
using Vigia.Core.Text;

namespace Vigia.Core.Provisioning;

/// <summary>A new invitation.</summary>
/// <param name="Url">The one-time link; null for who may not see it (facts 7.18). It can't be shown again.</param>
/// <param name="SentTo">The address on file.</param>
/// <param name="ExpiresAt">When the link stops working.</param>
/// <param name="IsMailed">Whether it goes out by mail; else whoever sees the link hands it over.</param>
public sealed record Invitation(string? Url, string SentTo, DateTimeOffset ExpiresAt, bool IsMailed);

/// <summary>Mints the one-time link with which the first administrator of a tenant sets a password (facts 7.14, 7.18).</summary>
public sealed class TenantInvitations(IDbContextFactory<MasterContext> contexts, TenantUrls urls, Outbox outbox, AuditTrail audit, TimeProvider time)
{
    private static readonly CultureInfo Spanish = CultureInfo.GetCultureInfo("es-PE");

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
    /// <exception cref="RuleException"><c>tenant_unknown</c>, <c>not_ready</c>; <c>mail_not_configured</c> for who may not see the link where no mail is sent.</exception>
    /// <exception cref="InvalidInputException">A reason is needed.</exception>
    public async Task<Invitation> InviteAsync(Actor actor, int tenantId, string? reason, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsInvite);
        var reveal = actor.May(Rights.TenantsInvitationReveal);
        if (!reveal && !outbox.IsConfigured)
        {
            throw new RuleException("mail_not_configured");
        }

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
        var url = $"{urls.Of(tenant.Subdomain!)}/invitacion?token={token}";
        await Outbox.SupersedeAsync(db, tenantId, Outbox.TenantInvitation, cancellationToken);
        if (outbox.IsConfigured)
        {
            outbox.Add(db, Letter(tenant, invitation, url), tenantId, null);
        }

        await audit.CommitAsync(db, actor, new AuditEntry(isRecovery ? "tenant.admin_recovery" : "tenant.invited")
        {
            TenantId = tenantId,
            Ruc = tenant.Ruc,
            Subdomain = tenant.Subdomain,
            Reason = reason?.Trim(),
            After = new Dictionary<string, object?> { ["sent_to"] = invitation.SentTo, ["expires_at"] = invitation.ExpiresAt, ["link_shown"] = reveal },
        }, cancellationToken);
        return new Invitation(reveal ? url : null, invitation.SentTo, invitation.ExpiresAt, outbox.IsConfigured);
    }

    // Clients are in Peru: mail to them is in Spanish, whoever presses the button.
    private Letter Letter(Tenant tenant, TenantInvitation invitation, string url)
    {
        var expires = TimeZoneInfo.ConvertTime(invitation.ExpiresAt, LimaCalendar.Zone).ToString("d'/'MM'/'yyyy HH:mm", Spanish);
        var subject = new Message("mail_invitation_subject", tenant.LegalName ?? tenant.Subdomain!).Render(Spanish);
        var body = new Message("mail_invitation_body", tenant.ContactName ?? tenant.LegalName ?? "", urls.Of(tenant.Subdomain!), invitation.SentTo, expires, url).Render(Spanish);
        return new Letter(Outbox.TenantInvitation, invitation.SentTo, subject, body, invitation.ExpiresAt);
    }
}
