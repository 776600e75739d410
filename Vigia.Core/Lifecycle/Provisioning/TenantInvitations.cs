using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Signatures;

namespace Vigia.Core.Lifecycle.Provisioning;

/// <summary>A new invitation.</summary>
/// <param name="Url">The one-time link; null unless it was to be shown. It can't be shown again.</param>
/// <param name="SentTo">The address on file.</param>
/// <param name="ExpiresAt">When the link stops working.</param>
/// <param name="IsMailed">Whether it goes out by mail; otherwise the person who sees the link passes it on.</param>
public sealed record Invitation(string? Url, string SentTo, DateTimeOffset ExpiresAt, bool IsMailed);

/// <summary>A person's request for a new invitation.</summary>
/// <param name="Reason">The reason; required for a recovery.</param>
/// <param name="Proof">
/// For <see cref="TenantInvitations.Showing"/> or <see cref="TenantInvitations.Sending"/>, see
/// <see cref="Reauthentication"/>. Null where nothing is signed.
/// </param>
/// <param name="Address">
/// The address that a page showed the person; null for a program. A password is bound to no address, so this refuses
/// the request when the address on file has changed since.
/// </param>
public sealed record NewInvitation(string? Reason = null, string? Proof = null, string? Address = null);

/// <summary>
/// Creates the one-time link with which the first administrator of a tenant sets a password. The link gives access to a
/// tenant's data, so the portal sends it to the address on file. It shows the link only to a person with the right, who
/// signs for it, and never to an API token.
/// </summary>
// More than five dependencies: one transaction writes the invitation, its mail and its audit record, after the
// signature.
public sealed class TenantInvitations(
    IDbContextFactory<MasterContext> contexts, TenantUrls urls, Outbox outbox, Reauthentication reauthentication,
    AuditTrail audit, TimeProvider time)
{
    private static readonly CultureInfo Spanish = CultureInfo.GetCultureInfo("es-PE");

    /// <summary>How long a link works.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(72);

    /// <summary>Returns the open or last invitation of a tenant; null when there was none.</summary>
    public async Task<TenantInvitation?> LastAsync(Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Set<TenantInvitation>().AsNoTracking().Where(i => i.TenantId == tenantId)
            .OrderByDescending(i => i.CreatedAt).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>The action that a person signs to see the link.</summary>
    public static SignedAction Showing(int tenantId, string? address, string? reason) =>
        SignedAction.Of(SignedAction.InvitationReveal, $"{tenantId}",
            new { Address = address ?? "", Reason = SignedAction.Reason(reason) });

    /// <summary>
    /// The action that a person signs to send the link to another address than the one that has used an invitation.
    /// </summary>
    public static SignedAction Sending(int tenantId, string? address, string? reason) =>
        SignedAction.Of(SignedAction.InvitationSend, $"{tenantId}",
            new { Address = address ?? "", Reason = SignedAction.Reason(reason) });

    /// <summary>
    /// Whether sending needs a signature: an invitation was used, and the address on file has changed since.
    /// </summary>
    public async Task<bool> NeedsSignatureAsync(Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var address = await db.Set<Tenant>().Where(t => t.Id == tenantId).Select(t => t.AccessEmail)
            .SingleOrDefaultAsync(cancellationToken);
        return await IsToAnotherAsync(db, tenantId, address, cancellationToken);
    }

    /// <summary>
    /// Creates a new link for a ready tenant and sends it to the address on file; older links stop working. A reason is
    /// required if the administrator has used an invitation before, because it is a recovery then. A signature is
    /// needed only if <see cref="NeedsSignatureAsync"/> says so.
    /// </summary>
    /// <exception cref="RuleException">
    /// <c>tenant_unknown</c>, <c>not_ready</c>, <c>mail_not_configured</c>, <c>invitation_needs_signature</c>,
    /// <c>invitation_address_changed</c>.
    /// </exception>
    /// <exception cref="InvalidInputException">A reason is required.</exception>
    public Task<Invitation> InviteAsync(
        Actor actor, int tenantId, NewInvitation wanted, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.Invite.Right);
        return outbox.IsConfigured ? MintAsync(actor, tenantId, wanted, isShown: false, cancellationToken)
            : throw new RuleException("mail_not_configured");
    }

    /// <summary>
    /// Creates a new link for a ready tenant and shows it to the person who signs for it; if mail is configured, it is
    /// also sent. Not for API tokens. A reason is required if the administrator has used an invitation before, because
    /// it is a recovery then.
    /// </summary>
    /// <exception cref="ForbiddenException">The right is not held, or the caller uses an API token.</exception>
    /// <exception cref="RuleException">
    /// <c>tenant_unknown</c>, <c>not_ready</c>, <c>invitation_address_changed</c>; or a refusal by
    /// <see cref="Reauthentication"/>.
    /// </exception>
    /// <exception cref="InvalidInputException">A reason is required.</exception>
    public Task<Invitation> RevealAsync(
        Actor actor, int tenantId, NewInvitation wanted, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.Invite.Right);
        actor.Demand(Rights.TenantsInvitationReveal);
        return actor.Via is null ? MintAsync(actor, tenantId, wanted, isShown: true, cancellationToken)
            : throw new ForbiddenException(Rights.TenantsInvitationReveal);
    }

    private async Task<Invitation> MintAsync(
        Actor actor, int tenantId, NewInvitation wanted, bool isShown, CancellationToken cancellationToken)
    {
        var reason = wanted.Reason;
        await using var db = await contexts.OpenAsync(actor, cancellationToken);

        // The proof uses another connection, so it comes before any lock. These checks come first so that an impossible
        // request does not use up a confirmation.
        var seen = await db.Set<Tenant>().AsNoTracking().SingleOrDefaultAsync(t => t.Id == tenantId, cancellationToken)
            ?? throw new NotFoundException("tenant_unknown");
        await DemandAsync(db, seen, reason, cancellationToken);
        if (wanted.Address is { } shown && shown != seen.AccessEmail)
        {
            throw new RuleException("invitation_address_changed");
        }

        var how = await DemandSignatureAsync(db, actor, seen, wanted, isShown, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.LockAsync(db, tenantId, cancellationToken);
        var isRecovery = await DemandAsync(db, tenant, reason, cancellationToken);
        if (tenant.AccessEmail != seen.AccessEmail)
        {
            // The signature covers the address.
            throw new RuleException("invitation_address_changed");
        }

        var now = time.GetUtcNow();
        await db.Set<TenantInvitation>().Where(i => i.TenantId == tenantId && i.UsedAt == null && i.RevokedAt == null)
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
        db.Set<TenantInvitation>().Add(invitation);
        var url = $"{urls.Of(tenant.Subdomain!)}/invitacion?token={token}";
        await Outbox.SupersedeAsync(db, tenantId, Outbox.TenantInvitation, cancellationToken);
        if (outbox.IsConfigured)
        {
            outbox.Add(db, MailOf(tenant, invitation, url), tenantId, null);
        }

        await audit.CommitAsync(db, actor, new AuditEntry(isRecovery ? "tenant.admin_recovery" : "tenant.invited")
        {
            TenantId = tenantId,
            Ruc = tenant.Ruc,
            Subdomain = tenant.Subdomain,
            Reason = reason?.Trim(),
            SignatureMeaning = how is null ? null : isShown ? "sign_invitation_reveal" : "sign_invitation_send",
            SignedWith = how,
            After = new Dictionary<string, object?>
            {
                ["sent_to"] = invitation.SentTo, ["expires_at"] = invitation.ExpiresAt,
                ["link_shown"] = isShown
            },
        }, cancellationToken);
        return new Invitation(isShown ? url : null, invitation.SentTo, invitation.ExpiresAt, outbox.IsConfigured);
    }

    // Returns whether it is a recovery: the administrator has used an invitation before.
    private static async Task<bool> DemandAsync(
        MasterContext db, Tenant tenant, string? reason, CancellationToken cancellationToken)
    {
        TenantAction.Invite.Demand(TenantStanding.Of(tenant));

        var isRecovery = await db.Set<TenantInvitation>()
            .AnyAsync(i => i.TenantId == tenant.Id && i.UsedAt != null, cancellationToken);
        if (isRecovery || !string.IsNullOrWhiteSpace(reason))
        {
            TenantRules.DemandReason(reason);
        }

        return isRecovery;
    }

    private async Task<string?> DemandSignatureAsync(
        MasterContext db, Actor actor, Tenant tenant, NewInvitation given, bool isShown,
        CancellationToken cancellationToken)
    {
        if (isShown)
        {
            return await reauthentication.DemandAsync(
                actor, Showing(tenant.Id, tenant.AccessEmail, given.Reason), given.Proof, cancellationToken);
        }

        // Without a signature, changing the address and then inviting would give a stranger access to the tenant's data
        // without re-authentication.
        if (!await IsToAnotherAsync(db, tenant.Id, tenant.AccessEmail, cancellationToken))
        {
            return null;
        }

        return actor.Via is null && !string.IsNullOrEmpty(given.Proof)
            ? await reauthentication.DemandAsync(
                actor, Sending(tenant.Id, tenant.AccessEmail, given.Reason), given.Proof, cancellationToken)
            : throw new RuleException("invitation_needs_signature");
    }

    private static async Task<bool> IsToAnotherAsync(
        MasterContext db, int tenantId, string? address, CancellationToken cancellationToken)
    {
        var used = await db.Set<TenantInvitation>().Where(i => i.TenantId == tenantId && i.UsedAt != null)
            .OrderByDescending(i => i.UsedAt).Select(i => i.SentTo).FirstOrDefaultAsync(cancellationToken);
        return used is not null && EmailAddress.Key(used) != EmailAddress.Key(address ?? "");
    }

    // Tenants are in Peru: mail to them is in Spanish, whatever language the person on the page uses.
    private OutgoingMail MailOf(Tenant tenant, TenantInvitation invitation, string url)
    {
        var expires = LimaTime.Exact(invitation.ExpiresAt, Spanish);
        var subject = new Message("mail_invitation_subject", tenant.LegalName ?? tenant.Subdomain!).Render(Spanish);
        var body = new Message(
            "mail_invitation_body", tenant.ContactName ?? tenant.LegalName ?? "", urls.Of(tenant.Subdomain!),
            invitation.SentTo, expires, url).Render(Spanish);
        return new OutgoingMail(Outbox.TenantInvitation, invitation.SentTo, subject, body, invitation.ExpiresAt);
    }
}
