using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.Team;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>
/// Creates a new one-time link for a person who has not used theirs or forgot the password. For an administrator it
/// creates a request.
/// </summary>
public sealed partial class LinkDialog(
    PageNotices notices, StaffLinks links, StaffRequests requests) : FormDialog(notices)
{
    private OutcomePanel? _panel;
    private MudButton? _safe;
    private MudButton? _copy;
    private StaffOutcome? _outcome;
    private StaffWay _way;
    private string _reason = "";
    private bool _moveFocus;

    [Parameter, EditorRequired]
    public StaffSummary Member { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override string Subject => Member.FullName;

    private bool IsRecovery => Member.State != StaffState.Invited;

    protected override async Task OnInitializedAsync() =>
        _way = await FetchAsync(
            until => requests.FindWayAsync(Actor, StaffRequestKind.Link, Member.Id, null, until));

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _safe is not null)
        {
            await _safe.FocusAsync();
        }
        else if (_moveFocus && _copy is not null)
        {
            _moveFocus = false;
            await _copy.FocusAsync();
        }
    }

    private async Task RenewAsync()
    {
        await SubmitAsync(async () =>
        {
            _outcome = await links.RenewAsync(Actor, Member.Id, _reason, Proof, CancellationToken.None);
            _moveFocus = true;
        });
    }
}
