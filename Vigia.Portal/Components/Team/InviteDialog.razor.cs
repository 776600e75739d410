using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Errors;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>Makes a member of staff and shows their one-time link; closes with the link once there is one.</summary>
public sealed partial class InviteDialog
{
    private readonly AccessForm _form = new();
    private ElementReference _first;
    private LinkPanel? _panel;
    private MudButton? _copy;
    private StaffLink? _link;
    private string _name = "";
    private string _email = "";
    private bool _busy;
    private bool _moveFocus;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Inject]
    private StaffLinks Links { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

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

    private async Task InviteAsync()
    {
        if (_busy)
        {
            return;
        }

        _busy = true;
        try
        {
            _form.Show(null);
            _link = await Links.InviteAsync(Actor, new InviteStaff(_name, _email, _form.ToAccess()), Ending);
            _moveFocus = true;
        }
        catch (InvalidInputException invalid)
        {
            _form.Show(invalid);
        }
        catch (RuleException refusal)
        {
            Page.Refuse(refusal);
        }
        finally
        {
            _busy = false;
        }
    }

    private void CloseDialog()
    {
        if (_link is null)
        {
            Dialog.Cancel();
        }
        else
        {
            Dialog.Close(DialogResult.Ok(_link));
        }
    }
}
