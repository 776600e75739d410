using System.Globalization;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>
/// Moves a tenant to the trash, or destroys it at once. It shows the tenant and what goes before it asks for the typed
/// name, the reason and the password. The safe choice has the focus. Closes with the operation's id.
/// </summary>
public sealed partial class DeleteDialog(
    PageNotices notices, TenantDeletion deletion, TenantContents contents) : FormDialog(notices)
{
    private MudButton? _cancel;
    private TenantContent? _content;
    private bool _isRead;
    private string _confirm = "";
    private string _reason = "";

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>Destroys without a stay in the trash.</summary>
    [Parameter]
    public bool AtOnce { get; set; }

    protected override string Subject => Tenant.DisplayName;

    private Tenant Row => Tenant.Row;

    private int Days => deletion.DefaultRetention;

    private int? Wanted => AtOnce ? 0 : null;

    private bool NeedsSecond => deletion.NeedsSecondPerson(Tenant.MayGoAtOnce);

    protected override IEnumerable<string> Missing => Lacking(
        (_confirm.Trim() == Row.Subdomain, T["Subdomain"]), (!string.IsNullOrWhiteSpace(_reason), T["DeleteReason"]),
        (IsSigned, Shared["Signature"]));

    private SignedAction Signed => deletion.SignatureOf(Row, _reason, Wanted);

    protected override async Task OnInitializedAsync()
    {
        _content = await FetchAsync(until => contents.CountAsync(Actor, Tenant.Id, until));
        _isRead = true;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _cancel is not null)
        {
            await _cancel.FocusAsync();
        }
    }

    private string Key(string part) => (AtOnce ? "Destroy" : "Delete") + part;

    private static string? Number(long? value) => value?.ToString("N0", CultureInfo.CurrentCulture);

    private async Task DeleteAsync()
    {
        if (!IsComplete)
        {
            return;
        }

        await SubmitAsync(async () =>
        {
            var operation = await deletion.DeleteAsync(
                Actor, Tenant.Id, new DeletionRequest(_confirm, _reason, Proof!, Wanted, Signed),
                CancellationToken.None);
            Dialog.Close(DialogResult.Ok(operation));
        });
    }
}
