using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.Team;
using Vigia.Portal.Components.Shared;
using Vigia.Portal.Components.Team;

namespace Vigia.Portal.Components.Approvals;

/// <summary>
/// When no mail is sent: shows the link of an approved request once to the person who made the request. They have to
/// sign for it.
/// </summary>
public sealed partial class ShowLinkDialog(PageNotices notices, StaffLinks links) : FormDialog(notices)
{
    private LinkPanel? _panel;
    private MudButton? _safe;
    private StaffLink? _link;

    [Parameter, EditorRequired]
    public Approval Approval { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override string Subject => Asked.FullName;

    private StaffRequestContent Asked => StaffRequestContent.Of(Approval);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _safe is not null)
        {
            await _safe.FocusAsync();
        }
    }

    private async Task ShowAsync()
    {
        await SubmitAsync(async () =>
        {
            _link = await links.ShowAsync(Actor, Approval.Id, Proof, CancellationToken.None);
        });
    }
}
