using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Errors;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>Gives other roles, another limit, another last day; or lets a disabled person in again with roles chosen anew. Closes with true.</summary>
public sealed partial class AccessDialog
{
    private AccessForm _form = new();
    private MudButton? _cancel;
    private bool _busy;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = default!;

    [Parameter, EditorRequired]
    public StaffDetails Details { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Inject]
    private StaffChanges Changes { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private bool Enables => Details.Member.State is StaffState.Disabled or StaffState.AccessOver;

    protected override void OnInitialized()
    {
        _form = AccessForm.Of(Details);
        if (Enables)
        {
            // Nobody gets back what they had just because a box was checked already.
            _form.Roles.Clear();
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _cancel is not null)
        {
            await _cancel.FocusAsync();
        }
    }

    private async Task SaveAsync()
    {
        if (_busy)
        {
            return;
        }

        _busy = true;
        try
        {
            _form.Show(null);
            await (Enables ? Changes.EnableAsync(Actor, Details.Member.Id, _form.ToAccess(), Ending) : Changes.ChangeAccessAsync(Actor, Details.Member.Id, _form.ToAccess(), Ending));
            Dialog.Close(DialogResult.Ok(true));
        }
        catch (InvalidInputException invalid)
        {
            _form.Show(invalid);
        }
        catch (RuleException refusal)
        {
            Page.Refuse(refusal);
            Dialog.Cancel();
        }
        finally
        {
            _busy = false;
        }
    }
}
