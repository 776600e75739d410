using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Errors;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>Corrects a name; closes with true.</summary>
public sealed partial class RenameDialog
{
    private ElementReference _first;
    private string _name = "";
    private string? _error;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = default!;

    [Parameter, EditorRequired]
    public StaffSummary Member { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Inject]
    private StaffChanges Changes { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    protected override void OnInitialized() => _name = Member.FullName;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await _first.FocusAsync();
        }
    }

    private async Task SaveAsync()
    {
        try
        {
            await Changes.RenameAsync(Actor, Member.Id, _name, Ending);
            Dialog.Close(DialogResult.Ok(true));
        }
        catch (InvalidInputException invalid)
        {
            _error = invalid.Errors.Values.First()[0].Render();
        }
        catch (RuleException refusal)
        {
            Page.Refuse(refusal);
            Dialog.Cancel();
        }
    }
}
