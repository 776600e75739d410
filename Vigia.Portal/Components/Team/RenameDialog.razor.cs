using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.Team;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>Corrects a name. Closes with true when that was done.</summary>
public sealed partial class RenameDialog(PageNotices notices, StaffChanges changes) : FormDialog(notices)
{
    private ElementReference _first;
    private string _name = "";

    [Parameter, EditorRequired]
    public StaffSummary Member { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override string Subject => Member.FullName;

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
        await SubmitAsync(async () =>
        {
            await changes.RenameAsync(Actor, Member.Id, _name, Proof, CancellationToken.None);
            Dialog.Close(DialogResult.Ok(true));
        });
    }
}
