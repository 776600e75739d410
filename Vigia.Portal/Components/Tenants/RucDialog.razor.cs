using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>Corrects a wrong RUC. Closes with true when that was done.</summary>
public sealed partial class RucDialog(PageNotices notices, TenantRucCorrection correction) : FormDialog(notices)
{
    private ElementReference _first;
    private string _ruc = "";
    private string _reason = "";

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override string Subject => Tenant.DisplayName;

    protected override string? FieldOf(RuleException refusal) => refusal.Reason.Code == "ruc_taken" ? "ruc" : null;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await _first.FocusAsync();
        }
    }

    private async Task CorrectAsync()
    {
        await SubmitAsync(async () =>
        {
            var changed = await correction.CorrectAsync(Actor, Tenant.Id, _ruc, _reason, CancellationToken.None);
            Notices.Say(NoteAbout(Tenant.DisplayName, changed ? T["RucCorrected"] : T["AlreadySo"]));
            Dialog.Close(DialogResult.Ok(changed));
        });
    }
}
