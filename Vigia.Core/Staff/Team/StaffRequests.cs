using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Core.Staff.Team;

/// <summary>
/// Carries out actions on the access of staff: at once, or as a request. Another administrator approves the request, or
/// it takes effect after a day during which everybody sees it. Every action is signed in either case.
/// </summary>
// More than five dependencies: one place signs a request and decides whether it is done at once. It makes a scope for
// what does it.
public sealed class StaffRequests(
    IServiceScopeFactory scopes, IDbContextFactory<MasterContext> contexts, AuditTrail audit,
    Reauthentication reauthentication,
    IOptions<ApprovalOptions> options, TimeProvider time)
{
    /// <summary>
    /// Says how an action would be carried out now, for the dialog that asks for it. <paramref name="staffId"/> is null
    /// for a person to be invited; <paramref name="roles"/> is null when the roles stay.
    /// </summary>
    public async Task<StaffWay> FindWayAsync(
        Actor actor, StaffRequestKind kind, Guid? staffId, IReadOnlyCollection<string>? roles,
        CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var member = staffId is null ? null : await db.Users.AsNoTracking()
            .SingleOrDefaultAsync(s => s.Id == staffId, cancellationToken)
            ?? throw new NotFoundException("staff_unknown");
        return await StaffWays.OfAsync(db, actor.StaffId, kind, member, roles, time.GetUtcNow(), cancellationToken);
    }

    /// <summary>
    /// Carries out the action or makes a request for it. The signature is proved after a first check and before the
    /// lock, because the proof uses another connection. <paramref name="actionOf"/> gives the action for the member as
    /// they are, and is called once before and once under the lock. <paramref name="id"/> is null when a new person is
    /// invited. <paramref name="proof"/> is for <see cref="StaffAction.Signed"/> (see <see cref="Reauthentication"/>).
    /// </summary>
    /// <exception cref="RuleException">
    /// <c>second_person_missing</c>, <c>second_person_dependent</c>: nobody could approve it;
    /// <c>staff_request_waiting</c>: the same request already waits; or a refusal by <see cref="Reauthentication"/>.
    /// </exception>
    internal async Task<StaffOutcome> CarryOutAsync(
        Actor actor, Guid? id, Func<StaffMember?, StaffAction> actionOf, string? proof,
        CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var actions = scope.ServiceProvider.GetRequiredService<StaffActions>();

        // All checks of the input come first: a wrong field must not use up a confirmation.
        var seen = actionOf(
            id is { } whose ? await TeamLock.ReadMemberAsync(actions.Db, whose, cancellationToken) : null);
        await DemandWayAsync(actions, actor, seen, cancellationToken);
        var how = await reauthentication.DemandAsync(actor, seen.Signed, proof, cancellationToken);
        actions.Db.ChangeTracker.Clear();
        await using var transaction = await actions.Db.Database.BeginTransactionAsync(cancellationToken);
        await TeamLock.LockAsync(actions.Db, cancellationToken);
        var action = actionOf(
            id is { } locked ? await TeamLock.LockMemberAsync(actions.Db, locked, cancellationToken) : null);
        if (action.Signed != seen.Signed)
        {
            throw new RuleException("confirmation_stale");
        }

        var way = await DemandWayAsync(actions, actor, action, cancellationToken);
        return way == StaffWay.AtOnce
            ? await ApplyAsync(actions, actor, action, how, cancellationToken)
                : await AskAsync(actions, actor, action, way, how, cancellationToken);
    }

    // Refuses an action that is not possible and returns how it is carried out.
    private async Task<StaffWay> DemandWayAsync(
        StaffActions actions, Actor actor, StaffAction action, CancellationToken cancellationToken)
    {
        await actions.DemandSoundAsync(action, cancellationToken);
        actions.DemandLinkCanBeSent(action);
        var (db, now) = (actions.Db, time.GetUtcNow());
        var way = await StaffWays.OfAsync(
            db, actor.StaffId, action.Kind, action.Member, action.Content.Roles, now, cancellationToken);
        if (way == StaffWay.Closed)
        {
            throw new RuleException(
                action.Kind.MakesAdministrator() ? "second_person_dependent" : "second_person_missing");
        }

        if (way != StaffWay.AtOnce && await IsAskedForAsync(db, action, cancellationToken))
        {
            throw new RuleException("staff_request_waiting");
        }

        return way;
    }

    private async Task<StaffOutcome> ApplyAsync(
        StaffActions actions, Actor actor, StaffAction action, string how, CancellationToken cancellationToken)
    {
        var (member, entry) = await actions.ApplyAsync(actor, action, cancellationToken);
        if (entry is null)
        {
            return StaffOutcome.Done;
        }

        entry = entry with { SignatureMeaning = action.Meaning, SignedWith = how };
        StaffLink? link = null;
        if (action.Kind.GivesLink())
        {
            link = await actions.GiveLinkAsync(member, actor, cancellationToken);
            entry = WithLink(entry, link);
        }

        await audit.CommitAsync(actions.Db, actor, entry, cancellationToken);
        return new StaffOutcome(link, null);
    }

    /// <summary>Adds to an audit record when the link expires and whether somebody saw it.</summary>
    internal static AuditEntry WithLink(AuditEntry entry, StaffLink link) => entry with
    {
        After = new Dictionary<string, object?>(entry.After!)
        { ["expires_at"] = link.ExpiresAt, ["link_shown"] = link.Token is not null },
    };

    /// <summary>The audit record of a request about a member of staff.</summary>
    internal static AuditEntry Entry(string action, Approval approval)
    {
        var content = StaffRequestContent.Of(approval);
        var after = new Dictionary<string, object?>
        {
            ["request"] = approval.Action.Code, ["member"] = content.FullName, ["staff_id"] = approval.StaffId,
            ["email"] = content.Email
        };
        if (content.Roles is { } roles)
        {
            after["roles"] = roles;
        }

        if (approval.EffectiveAt is { } effective)
        {
            after["effective_at"] = effective;
        }

        return new AuditEntry(action)
        {
            Reason = approval.DecisionReason ?? approval.Reason,
            Before = new Dictionary<string, object?>
            { ["requested_by"] = approval.RequestedByName, ["requested_by_id"] = approval.RequestedBy },
            After = after,
        };
    }

    private async Task<StaffOutcome> AskAsync(
        StaffActions actions, Actor actor, StaffAction action, StaffWay way, string how,
        CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var effective = way == StaffWay.WithDelay ? now + StaffWays.Delay : (DateTimeOffset?)null;
        var approval = new Approval
        {
            Action = action.Kind.Action(),
            StaffId = action.Member?.Id,
            RequestedBy = actor.StaffId ?? throw new ForbiddenException(Rights.StaffManage),
            RequestedByName = actor.Name,
            RequestedAt = now,
            EffectiveAt = effective,
            ExpiresAt = effective ?? now.AddHours(options.Value.ExpireAfterHours),
            Reason = action.Reason ?? "",
            Seen = JsonSerializer.Serialize(action.Content),
        };
        actions.Db.Set<Approval>().Add(approval);
        await actions.NotifyAskedAsync(approval, cancellationToken);
        await audit.CommitAsync(
            actions.Db, actor, Entry(
            "staff.requested", approval) with
            { SignatureMeaning = action.Meaning, SignedWith = how }, cancellationToken);
        return new StaffOutcome(null, approval);
    }

    private static async Task<bool> IsAskedForAsync(
        MasterContext db, StaffAction action, CancellationToken cancellationToken)
    {
        var asked = action.Kind.Action();
        var waiting = await db.Set<Approval>().AsNoTracking()
            .Where(a => a.State == ApprovalState.Waiting && a.OperationId == null && a.Action == asked)
            .ToListAsync(cancellationToken);
        return waiting.Exists(
            a => action.Member is { } member ? a.StaffId == member.Id
            : EmailAddress.Key(StaffRequestContent.Of(a).Email) == EmailAddress.Key(action.Content.Email));
    }
}
