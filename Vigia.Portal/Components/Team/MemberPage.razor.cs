using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Staff.Team;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>
/// The page of one member of staff: state, roles and their meaning, sessions and tokens, history, and the actions that
/// remove access.
/// </summary>
public sealed partial class MemberPage(
    PageFeed feed, StaffSession session, StaffDirectory directory, TimeProvider time)
    : LiveComponent(feed), IWholePage
{
    private readonly LatestRead _reading = new();
    private StaffDetails? _details;
    private Actor? _actor;
    private bool _isUnknown;

    /// <summary>
    /// Never changes: the address of another person creates a new page (<see cref="MemberByAddress"/>).
    /// </summary>
    [Parameter]
    public Guid Id { get; set; }

    [SupplyParameterFromQuery(Name = "seccion")]
    public string? Section { get; set; }

    private StaffSummary Member => _details!.Member;

    private bool IsMe => _actor!.StaffId == Id;

    private bool MayManage => _actor!.May(Rights.StaffManage);

    private bool IsKnown => Sections.Any(s => s.Section == Section);

    private IEnumerable<(string? Section, string Key)> Sections
    {
        get
        {
            yield return (null, "TabSummary");
            yield return ("sesiones", "TabSessions");
            yield return ("historial", "TabHistory");
            if (MayManage)
            {
                yield return ("peligro", "TabDanger");
            }
        }
    }

    /// <summary>The most important notice about the person. Null when there is none.</summary>
    private (string Tone, string Text)? Notice => Member switch
    {
        _ when IsMe => ("tone-info", T["NoticeYou"]),
        { State: StaffState.Disabled, DisabledAt: { } since } =>
            ("tone-quiet", T["NoticeDisabled", LimaTime.Exact(since)]),
        { State: StaffState.AccessOver, AccessEndsAt: { } end } =>
            ("tone-warning", T["NoticeOver", LimaTime.Exact(end)]),
        { State: StaffState.Locked, LockedUntil: { } until } =>
            ("tone-warning", T[Member.IsKnownBrowserLocked ? "NoticeBrowserLocked" : "NoticeLocked",
                LimaTime.Exact(until)]),
        { State: StaffState.Invited, LinkExpiresAt: { } end } when end > time.GetUtcNow() =>
            ("tone-info", T["NoticeInvited", LimaTime.Exact(end)]),
        { State: StaffState.Invited } => ("tone-warning", T["NoticeLinkOver"]),
        { LinkExpiresAt: { } end } when end > time.GetUtcNow() =>
            ("tone-info", T["NoticeRecovery", LimaTime.Exact(end)]),
        _ => null,
    };

    protected override async Task OnInitializedAsync()
    {
        _actor = await session.ActorAsync();
        await FollowAsync(
            new ChangeInterest(ChangeTopic.Staff) { Urgency = UrgencyOf }, _ => ReadAsync());
    }

    // An empty id means any account. Whether somebody is the last administrator depends on the others.
    private ChangeUrgency UrgencyOf(Change change) => change.Id == $"{Id}" || change.Id.Length == 0 ? ChangeUrgency.Now
        : _details?.Member.Roles.Contains(StaffRoles.Administrator) == false ? ChangeUrgency.Never
        : ChangeUrgency.Later;

    private string AddressOf(string? section) =>
        section is null ? PortalUrls.TeamMember(Id) : $"{PortalUrls.TeamMember(Id)}?seccion={section}";

    private Task ReadAsync() => ReadAsync(
        _reading, Id, (id, until) => FindAsync(_actor!, id, until),
        found => (_details, _isUnknown) = (found, found is null));

    private async Task<StaffDetails?> FindAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        try
        {
            return await directory.GetAsync(actor, id, cancellationToken);
        }
        catch (NotFoundException)
        {
            return null;
        }
    }
}
