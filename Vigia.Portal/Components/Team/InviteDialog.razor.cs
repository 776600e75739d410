using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.Team;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>
/// Adds a member of staff or creates the request for it. Shows the one-time link when no mail is sent. Closes with the
/// outcome if there is one.
/// </summary>
public sealed partial class InviteDialog(
    PageNotices notices, BrowserCalls browser, StaffLinks links, StaffRequests requests)
    : DatedFormDialog(notices, browser)
{
    private readonly AccessForm _form = new();
    private readonly LatestRead _readingWay = new();
    private ElementReference _first;
    private OutcomePanel? _panel;
    private MudButton? _copy;
    private StaffOutcome? _outcome;
    private StaffWay _way;
    private string _name = "";
    private string _email = "";
    private bool _moveFocus;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override string Subject => _name;

    protected override bool ClosesOnRefusal => false;

    protected override string? UnreadableDay => _form.UnreadableDay;

    protected override void ShowErrors(InvalidInputException? invalid) => _form.Show(invalid);

    private InviteStaff Person => new(_name, _email, _form.ToAccess());

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await _first.FocusAsync();
        }
        else if (_moveFocus && _copy is not null)
        {
            _moveFocus = false;
            await _copy.FocusAsync();
        }
    }

    private Task LookAsync()
    {
        string[] roles = [.. _form.Roles];
        return ReadAsync(
            _readingWay, string.Join(' ', roles),
            (_, until) => requests.FindWayAsync(Actor, StaffRequestKind.Invite, null, roles, until), way => _way = way);
    }

    private async Task InviteAsync()
    {
        await SubmitAsync(async () =>
        {
            _outcome = await links.InviteAsync(Actor, Person, Proof, CancellationToken.None);
            _moveFocus = true;
        });
    }

    private void CloseDialog()
    {
        if (_outcome is null)
        {
            Dialog.Cancel();
        }
        else
        {
            Dialog.Close(DialogResult.Ok(_outcome));
        }
    }
}
