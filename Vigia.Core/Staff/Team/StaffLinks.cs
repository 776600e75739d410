using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Core.Staff.Team;

/// <summary>A person to invite.</summary>
public sealed record InviteStaff(string FullName, string Email, StaffAccess Access);

/// <summary>A one-time link with which a member of staff sets a password; it can't be shown again.</summary>
/// <param name="StaffId">The member it is for.</param>
/// <param name="FullName">The member's name.</param>
/// <param name="Email">The address that the member signs in with.</param>
/// <param name="Token">
/// The secret of the link, of which only the hash is stored; null when the link goes to the person by mail.
/// </param>
public sealed record StaffLink(Guid StaffId, string FullName, string Email, string? Token, DateTimeOffset ExpiresAt);

/// <summary>
/// Invites people and gives new links to those who forgot their password. For administrators, see
/// <see cref="StaffRequests"/>.
/// </summary>
public sealed class StaffLinks(
    IServiceScopeFactory scopes, StaffRequests requests, Reauthentication reauthentication, AuditTrail audit,
    TimeProvider time)
{
    /// <summary>How long a link works.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(72);

    /// <summary>The path that a link leads to; the token is its query parameter.</summary>
    public const string Path = "/cuenta/invitacion";

    /// <summary>
    /// Creates a member of staff without a password, and a link to set one; or asks a second person for it.
    /// <paramref name="proof"/> is for <see cref="StaffSigned.Invite"/> (see <see cref="Reauthentication"/>).
    /// </summary>
    /// <exception cref="InvalidInputException">
    /// <c>full_name</c>, <c>email</c> (also when a present or former member has it), <c>roles</c>, <c>tenant_ids</c>,
    /// <c>access_ends_on</c>.
    /// </exception>
    /// <exception cref="RuleException">A refusal by <see cref="StaffRequests"/>.</exception>
    public Task<StaffOutcome> InviteAsync(
        Actor actor, InviteStaff person, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        var content = new StaffRequestContent
        {
            FullName = SafeText.Clean(person.FullName) ?? "",
            Email = SafeText.Clean(person.Email) ?? "",
            Roles = [.. person.Access.Roles],
            TenantIds = person.Access.TenantIds is { } ids ? [.. ids] : null,
            EndsOn = person.Access.EndsOn,
        };
        var action = new StaffAction(StaffRequestKind.Invite, null, content, null);
        return requests.CarryOutAsync(actor, null, _ => action, proof, cancellationToken);
    }

    /// <summary>
    /// Gives a new link to a member who has not used theirs or forgot the password. Older links stop working; an old
    /// password works until the new one is set. People can't do it for themselves. A reason is required if the member
    /// already has a password, because it is a recovery then. <paramref name="proof"/> is for
    /// <see cref="StaffSigned.Link"/> (see <see cref="Reauthentication"/>).
    /// </summary>
    /// <exception cref="RuleException">
    /// <c>staff_unknown</c>, <c>staff_own_account</c>, <c>staff_disabled</c>; or a refusal by
    /// <see cref="StaffRequests"/>.
    /// </exception>
    /// <exception cref="InvalidInputException">A reason is required.</exception>
    public Task<StaffOutcome> RenewAsync(
        Actor actor, Guid id, string? reason, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        TeamLock.RefuseOwnAccount(actor, id);
        return requests.CarryOutAsync(actor, id, member =>
        {
            var isRecovery = member!.PasswordHash is not null;
            if (!StaffActions.IsBlocked(member, time.GetUtcNow()) && (isRecovery || !string.IsNullOrWhiteSpace(reason)))
            {
                TenantRules.DemandReason(reason);
            }

            var content = new StaffRequestContent
            {
                FullName = member.FullName, Email = member.Email!,
                IsRecovery = isRecovery
            };
            return new StaffAction(StaffRequestKind.Link, member, content, reason?.Trim());
        }, proof, cancellationToken);
    }

    /// <summary>
    /// For a portal without mail: shows the link of an approved request to the person who asked for it.
    /// <paramref name="proof"/> is for <see cref="StaffSigned.ShowLink"/> (see <see cref="Reauthentication"/>).
    /// </summary>
    /// <exception cref="RuleException">
    /// <c>staff_link_over</c>: there is no link, it was already shown, or another person asked for it;
    /// <c>staff_disabled</c>.
    /// </exception>
    public async Task<StaffLink> ShowAsync(
        Actor actor, Guid approvalId, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        await using var scope = scopes.CreateAsyncScope();
        var actions = scope.ServiceProvider.GetRequiredService<StaffActions>();
        var asked = await actions.Db.Set<Approval>().AsNoTracking()
            .SingleOrDefaultAsync(a => a.Id == approvalId, cancellationToken);
        DemandOpen(await TeamLock.ReadMemberAsync(actions.Db, DemandLink(asked, actor), cancellationToken));

        // The proof uses another connection, so it comes before any lock.
        var how = await reauthentication.DemandAsync(actor, StaffSigned.ShowLink(approvalId), proof, cancellationToken);
        await using var transaction = await actions.Db.Database.BeginTransactionAsync(cancellationToken);
        var approval = await StaffRequestRuns.LockAsync(actions.Db, approvalId, cancellationToken);
        var member = await TeamLock.LockMemberAsync(actions.Db, DemandLink(approval, actor), cancellationToken);
        DemandOpen(member);
        var link = await actions.GiveLinkAsync(member, actor, cancellationToken);
        approval.LinkUntil = null;
        actions.RecordInfluence(member, actor, InfluenceKind.LinkRenewed);
        await audit.CommitAsync(
            actions.Db, actor, StaffRequests.WithLink(
            StaffRecord.Of("staff.link_shown", member), link) with
            {
                SignatureMeaning = "sign_staff_link_show",
                SignedWith = how
            }, cancellationToken);
        return link;
    }

    // Returns the member whose link may be shown.
    private Guid DemandLink(Approval? approval, Actor actor) =>
        approval is { State: ApprovalState.Approved, LinkUntil: { } until, StaffId: { } staffId }
            && until > time.GetUtcNow()
            && approval.RequestedBy == actor.StaffId
            ? staffId : throw new RuleException("staff_link_over");

    private void DemandOpen(StaffMember member)
    {
        if (StaffActions.IsBlocked(member, time.GetUtcNow()))
        {
            throw new RuleException("staff_disabled");
        }
    }

    internal static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
