using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Adoption;

/// <summary>
/// Shows what an adoption of the tenant's database would do, and requests it. Closes with the operation's id.
/// </summary>
public sealed partial class AdoptDialog(PageNotices notices, AdoptionService adoption) : FormDialog(notices)
{
    private AdoptionReport? _report;
    private Approval _approval = new();

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override string Subject => Tenant.DisplayName;

    protected override IEnumerable<string> Missing => Lacking(
        (_report?.IsPossible == true, T["Unready"]), (_approval.Backup.Trim().Length > 0, T["Backup"]),
        (_approval.KeepsOwner, T["KeepsOwner"]), (IsSigned, Shared["Signature"]));

    private AdoptionRequest Request => new(_approval.KeepsOwner, _approval.Backup, Proof);

    private SignedAction Signed => AdoptionService.SignatureOf(_report!.DatabaseName, Request);

    protected override async Task OnInitializedAsync()
    {
        try
        {
            _report = await FetchAsync(until => adoption.InspectTenantAsync(Actor, Tenant.Id, until));
        }
        catch (RuleException refusal)
        {
            Refuse(Notices, Subject, refusal);
            Dialog.Cancel();
        }
    }

    private async Task AdoptAsync()
    {
        if (!IsComplete)
        {
            return;
        }

        await SubmitAsync(async () => Dialog.Close(DialogResult.Ok(await adoption.AdoptAsync(
            Actor, Tenant.Id, Request with { Shown = Signed }, CancellationToken.None))));
    }
}
