using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Staff.Signatures;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Adoption;

/// <summary>Requests the adoption of many databases. Closes with the operation's id.</summary>
public sealed partial class FleetDialog(PageNotices notices, FleetAdoption fleet) : FormDialog(notices)
{
    private Approval _approval = new();
    private string _databases = "";

    [Parameter, EditorRequired]
    public FleetPlan Plan { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override string Subject => T["Title"];

    protected override IEnumerable<string> Missing => Lacking(
        (_approval.Backup.Trim().Length > 0, T["Backup"]), (_approval.KeepsOwner, T["KeepsOwner"]),
        (IsSigned, Shared["Signature"]));

    private AdoptionRequest Request => new(_approval.KeepsOwner, _approval.Backup, Proof);

    private SignedAction Signed => FleetAdoption.SignatureOf(_databases, Request);

    protected override void OnInitialized() => _databases = FleetAdoption.DigestOf(Plan.Tenants);

    private async Task AdoptAsync()
    {
        if (!IsComplete)
        {
            return;
        }

        await SubmitAsync(async () => Dialog.Close(DialogResult.Ok(await fleet.StartAsync(
            Actor, [.. Plan.Tenants.Select(t => t.TenantId)], Request with { Shown = Signed },
            CancellationToken.None))));
    }
}
