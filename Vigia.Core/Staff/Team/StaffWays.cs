using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Core.Staff.Team;

/// <summary>
/// Decides how an action on a member's access is carried out. Making, recovering, resetting or re-enabling an
/// administrator needs another administrator who is independent of the one who asks. Everything else is done at once.
/// </summary>
internal static class StaffWays
{
    /// <summary>How long everybody sees a request before it takes effect without a second person.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromHours(24);

    public static async Task<StaffWay> OfAsync(
        MasterContext db, Guid? requester, StaffRequestKind kind, StaffMember? member,
        IReadOnlyCollection<string>? roles, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!await ConcernsAdministratorAsync(db, kind, member, roles, now, cancellationToken))
        {
            return StaffWay.AtOnce;
        }

        var administrators = await TeamLock.AdministratorsAsync(db, now, cancellationToken);
        var graph = await InfluenceGraph.ReadAsync(db, now, cancellationToken);
        var others = administrators.Where(id => id != requester && id != member?.Id);
        if (requester is { } asking && others.Any(other => graph.AreIndependent(asking, other)))
        {
            return StaffWay.WithApproval;
        }

        var isMaking = kind.MakesAdministrator()
            || (kind == StaffRequestKind.Link && member is { PasswordHash: null, LastSignInAt: null });
        var arePair = administrators.Any(
            one => administrators.Any(other => one != other && graph.AreIndependent(one, other)));
        return isMaking && !arePair ? StaffWay.WithDelay : StaffWay.Closed;
    }

    // Removing the role first must not bypass the rule. The account counts as an administrator's for 30 days after
    // that, and a disabled account until it is enabled.
    private static async Task<bool> ConcernsAdministratorAsync(
        MasterContext db, StaffRequestKind kind, StaffMember? member, IReadOnlyCollection<string>? roles,
        DateTimeOffset now, CancellationToken cancellationToken)
    {
        var gives = roles?.Contains(StaffRoles.Administrator) == true;
        if (member is null)
        {
            return gives;
        }

        var since = StaffActions.IsBlocked(member, now) ? DateTimeOffset.MinValue : now - InfluenceGraph.Window;
        var grants = db.Set<RoleGrant>().Where(g => g.StaffId == member.Id && g.Role == StaffRoles.Administrator);
        return kind switch
        {
            StaffRequestKind.Access => gives && !await grants.AnyAsync(g => g.Until == null, cancellationToken),
            StaffRequestKind.Enable when gives => true,
            _ => await grants.AnyAsync(g => g.Until == null || g.Until > since, cancellationToken),
        };
    }
}
