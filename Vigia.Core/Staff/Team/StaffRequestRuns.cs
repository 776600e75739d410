using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Core.Staff.Team;

/// <summary>Carries out a request about a member of staff, after checking it again.</summary>
internal sealed class StaffRequestRuns(TimeProvider time)
{
    /// <summary>
    /// Locks a request about a member of staff. Acquires the lock of the team first, as all other code does.
    /// </summary>
    /// <exception cref="NotFoundException"><c>approval_unknown</c>.</exception>
    public static async Task<Approval> LockAsync(MasterContext db, Guid id, CancellationToken cancellationToken)
    {
        await TeamLock.LockAsync(db, cancellationToken);
        return await db.Set<Approval>().FromSql($"SELECT * FROM portal.approvals WHERE id = {id} FOR UPDATE")
            .SingleOrDefaultAsync(cancellationToken)
            ?? throw new NotFoundException("approval_unknown");
    }

    /// <summary>
    /// Carries out the request; the caller commits. If the link can't go by mail, the person who asked can see it for
    /// as long as a link works.
    /// </summary>
    /// <returns>The audit records of the actions.</returns>
    /// <exception cref="RuleException">
    /// <c>staff_requester_gone</c>: the person who asked is no longer an administrator; or a refusal of the action.
    /// </exception>
    /// <exception cref="InvalidInputException">
    /// The content has become invalid since the request was made, for example because a member now has the address.
    /// </exception>
    public async Task<IReadOnlyList<AuditEntry>> RunAsync(
        StaffActions actions, Approval approval, bool hasMail, CancellationToken cancellationToken)
    {
        var (db, now) = (actions.Db, time.GetUtcNow());
        if (!(await TeamLock.AdministratorsAsync(db, now, cancellationToken)).Contains(approval.RequestedBy))
        {
            throw new RuleException("staff_requester_gone", approval.RequestedByName);
        }

        var member = approval.StaffId is { } id ? await TeamLock.LockMemberAsync(db, id, cancellationToken) : null;
        var content = StaffRequestContent.Of(approval);
        var kind = StaffRequestKinds.Of(approval);
        var action = new StaffAction(
            kind, member, content, approval.Reason.Length > 0 ? approval.Reason : null);
        var requester = new Actor(approval.RequestedBy, approval.RequestedByName, null, []);
        var (concerned, entry) = await actions.ApplyAsync(requester, action, cancellationToken);
        approval.StaffId = concerned.Id;
        if (entry is null)
        {
            return [];
        }

        entry = entry with
        {
            After = new Dictionary<string, object?>(entry.After!)
            { ["requested_by"] = approval.RequestedByName }
        };
        if (kind.GivesLink())
        {
            if (hasMail)
            {
                entry = StaffRequests.WithLink(
                    entry, await actions.GiveLinkAsync(concerned, requester, cancellationToken));
            }
            else
            {
                approval.LinkUntil = now + StaffLinks.Lifetime;
            }
        }

        return [entry];
    }
}
