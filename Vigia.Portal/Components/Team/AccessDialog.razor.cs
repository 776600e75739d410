using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.Team;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>
/// Changes the roles, the limit or the last day of a member of staff, or enables a disabled one with newly chosen
/// roles. To make somebody an administrator, it creates a request. Closes with the outcome.
/// </summary>
public sealed partial class AccessDialog(
    PageNotices notices, BrowserCalls browser, StaffChanges changes, StaffRequests requests)
    : DatedFormDialog(notices, browser)
{
    private readonly LatestRead _readingWay = new();
    private AccessForm _form = new();
    private MudButton? _cancel;
    private StaffWay _way;

    [Parameter, EditorRequired]
    public StaffDetails Details { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override string Subject => Details.Member.FullName;

    protected override string? UnreadableDay => _form.UnreadableDay;

    protected override void ShowErrors(InvalidInputException? invalid) => _form.Show(invalid);

    private bool Enables => Details.Member.State is StaffState.Disabled or StaffState.AccessOver;

    private SignedAction Signed =>
        Enables ? StaffSigned.Enable(Details.Member.Id, _form.ToAccess())
        : StaffSigned.Access(Details.Member.Id, _form.ToAccess());

    protected override async Task OnInitializedAsync()
    {
        _form = AccessForm.Of(Details);
        if (Enables)
        {
            // A disabled person must not get their old roles back only because the boxes were already checked.
            _form.Roles.Clear();
        }

        await LookAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _cancel is not null)
        {
            await _cancel.FocusAsync();
        }
    }

    private Task LookAsync()
    {
        var kind = Enables ? StaffRequestKind.Enable : StaffRequestKind.Access;
        string[] roles = [.. _form.Roles];
        return ReadAsync(
            _readingWay, string.Join(' ', roles),
            (_, until) => requests.FindWayAsync(Actor, kind, Details.Member.Id, roles, until), way => _way = way);
    }

    private async Task SaveAsync()
    {
        await SubmitAsync(async () =>
        {
            var outcome = await (Enables
                ? changes.EnableAsync(Actor, Details.Member.Id, _form.ToAccess(), Proof, CancellationToken.None)
                : changes.ChangeAccessAsync(
                    Actor, Details.Member.Id, _form.ToAccess(), Proof, CancellationToken.None));
            Dialog.Close(DialogResult.Ok(outcome));
        });
    }
}
