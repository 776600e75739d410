using Microsoft.AspNetCore.Components;
using Vigia.Core.Errors;
using Vigia.Core.Feed;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Account;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>One member of staff: state, roles and what they mean, sign-ins and tokens, history, and what takes access away.</summary>
public sealed partial class MemberPage
{
    private StaffDetails? _details;
    private Actor? _actor;
    private bool _isUnknown;
    private Guid? _read;

    [Parameter]
    public Guid Id { get; set; }

    [SupplyParameterFromQuery(Name = "seccion")]
    public string? Section { get; set; }

    [Inject]
    private StaffSession Session { get; set; } = default!;

    [Inject]
    private StaffDirectory Directory { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

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

    /// <summary>The one thing to know first.</summary>
    private (string Tone, string Text)? Notice => Member switch
    {
        _ when IsMe => ("tone-info", T["NoticeYou"]),
        { State: StaffState.Disabled, DisabledAt: { } since } => ("tone-quiet", T["NoticeDisabled", LimaTime.Exact(since)]),
        { State: StaffState.AccessOver, AccessEndsAt: { } end } => ("tone-warning", T["NoticeOver", LimaTime.Exact(end)]),
        { State: StaffState.Locked, LockedUntil: { } until } => ("tone-warning", T["NoticeLocked", LimaTime.Exact(until)]),
        { State: StaffState.Invited, LinkExpiresAt: { } end } when end > Page.Time.GetUtcNow() => ("tone-info", T["NoticeInvited", LimaTime.Exact(end)]),
        { State: StaffState.Invited } => ("tone-warning", T["NoticeLinkOver"]),
        { LinkExpiresAt: { } end } when end > Page.Time.GetUtcNow() => ("tone-info", T["NoticeRecovery", LimaTime.Exact(end)]),
        _ => null,
    };

    protected override async Task OnInitializedAsync()
    {
        Watch(ChangeTopic.Staff, _ => Page.IsDialogOpen ? Task.CompletedTask : ReadAsync());
        _actor = await Session.ActorAsync();
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_read != Id && _actor is not null)
        {
            _read = Id;
            await ReadAsync();
        }
    }

    private string AddressOf(string? section) => section is null ? PortalUrls.TeamMember(Id) : $"{PortalUrls.TeamMember(Id)}?seccion={section}";

    private async Task ReadAsync()
    {
        if (_actor is null)
        {
            return;
        }

        try
        {
            (_details, _isUnknown) = (await Directory.GetAsync(_actor, Id, Ending), false);
        }
        catch (NotFoundException)
        {
            (_details, _isUnknown) = (null, true);
        }
    }
}
