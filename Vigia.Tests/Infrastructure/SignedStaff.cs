using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Staff.Team;

namespace Vigia.Tests.Infrastructure;

/// <summary>
/// Staff administration with the signatures of the people of <see cref="CoreHost"/>, for tests that are about other
/// things.
/// </summary>
internal static class SignedStaff
{
    /// <summary>Invites a person. The link is null if it goes by mail or if the invitation is a request.</summary>
    public static async Task<StaffLink> InviteAsync(
        this StaffLinks links, Actor actor, InviteStaff person, CancellationToken cancellationToken) =>
        (await links.InviteAsync(actor, person, CoreHost.AdminPassword, cancellationToken)).Link!;

    public static async Task<StaffLink> RenewAsync(
        this StaffLinks links, Actor actor, Guid id, string? reason, CancellationToken cancellationToken) =>
        (await links.RenewAsync(actor, id, reason, CoreHost.AdminPassword, cancellationToken)).Link!;

    public static Task<StaffOutcome> ChangeAccessAsync(
        this StaffChanges changes, Actor actor, Guid id, StaffAccess access, CancellationToken cancellationToken) =>
        changes.ChangeAccessAsync(actor, id, access, CoreHost.AdminPassword, cancellationToken);

    public static Task RenameAsync(
        this StaffChanges changes, Actor actor, Guid id, string fullName, CancellationToken cancellationToken) =>
        changes.RenameAsync(actor, id, fullName, CoreHost.AdminPassword, cancellationToken);

    public static Task DisableAsync(
        this StaffChanges changes, Actor actor, Guid id, string reason, CancellationToken cancellationToken) =>
        changes.DisableAsync(actor, id, reason, CoreHost.AdminPassword, cancellationToken);

    public static Task<StaffOutcome> EnableAsync(
        this StaffChanges changes, Actor actor, Guid id, StaffAccess access, CancellationToken cancellationToken) =>
        changes.EnableAsync(actor, id, access, CoreHost.AdminPassword, cancellationToken);

    public static Task<StaffOutcome> ResetSecondFactorAsync(
        this StaffProtection protection, Actor actor, Guid id, string reason, CancellationToken cancellationToken) =>
        protection.ResetSecondFactorAsync(actor, id, reason, CoreHost.AdminPassword, cancellationToken);

    public static Task<bool> UnlockAsync(
        this StaffProtection protection, Actor actor, Guid id, CancellationToken cancellationToken) =>
        protection.UnlockAsync(actor, id, CoreHost.AdminPassword, cancellationToken);

    /// <summary>Shows the link of a tenant's invitation.</summary>
    public static Task<Invitation> RevealAsync(
        this TenantInvitations invitations, Actor actor, int tenantId, CancellationToken cancellationToken) =>
        invitations.RevealAsync(
            actor, tenantId, new NewInvitation(Proof: CoreHost.AdminPassword), cancellationToken);

    /// <summary>Sends a tenant's invitation.</summary>
    public static Task<Invitation> InviteAsync(
        this TenantInvitations invitations, Actor actor, int tenantId, string? reason,
        CancellationToken cancellationToken) =>
        invitations.InviteAsync(actor, tenantId, new NewInvitation(reason), cancellationToken);
}
