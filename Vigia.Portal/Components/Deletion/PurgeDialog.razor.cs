using System.Globalization;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Signatures;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Deletion;

/// <summary>
/// Starts the purge of a tenant that need not be kept any longer. It shows what is destroyed, because there is no way
/// back, and requires the typed name, a reason and the password. Closes with the operation's id.
/// </summary>
public sealed partial class PurgeDialog(
    PageNotices notices, TrashService trash, TenantContents contents) : FormDialog(notices)
{
    private MudButton? _cancel;
    private TenantContent? _content;
    private bool _isRead;
    private string _confirm = "";
    private string _reason = "";

    [Parameter, EditorRequired]
    public TrashedTenant Item { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override string Subject => Item.LegalName ?? Item.Subdomain;

    protected override IEnumerable<string> Missing => Lacking(
        (_confirm.Trim() == Item.Subdomain, T["Subdomain"]), (!string.IsNullOrWhiteSpace(_reason), T["Reason"]),
        (IsSigned, Shared["Signature"]));

    private SignedAction Signed => TrashService.SignatureOf(Item, _reason);

    protected override async Task OnInitializedAsync()
    {
        _content = await FetchAsync(until => contents.ReadAsync(Actor, Item.Id, until));
        _isRead = true;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _cancel is not null)
        {
            await _cancel.FocusAsync();
        }
    }

    private static string? Number(long? value) => value?.ToString("N0", CultureInfo.CurrentCulture);

    private async Task PurgeAsync()
    {
        if (!IsComplete)
        {
            return;
        }

        await SubmitAsync(async () =>
        {
            Dialog.Close(DialogResult.Ok(
                await trash.PurgeAsync(
                    Actor, Item.Id, new PurgeRequest(_confirm, _reason, Proof!, Signed), CancellationToken.None)));
        });
    }
}
