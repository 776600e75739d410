using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Registry.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Deletion;

/// <summary>
/// Starts the purge of a tenant that need not be kept any longer. It requires the typed name, a reason and the
/// password. Closes with the operation's id.
/// </summary>
public sealed partial class PurgeDialog(PageNotices notices, TrashService trash) : FormDialog(notices)
{
    private MudButton? _cancel;
    private string _confirm = "";
    private string _reason = "";

    [Parameter, EditorRequired]
    public TrashedTenant Item { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override string Subject => Item.LegalName ?? Item.Subdomain;

    private bool IsComplete =>
        _confirm.Trim() == Item.Subdomain && !string.IsNullOrWhiteSpace(_reason) && !string.IsNullOrEmpty(Proof);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _cancel is not null)
        {
            await _cancel.FocusAsync();
        }
    }

    private async Task PurgeAsync()
    {
        if (!IsComplete)
        {
            return;
        }

        await SubmitAsync(async () =>
        {
            Dialog.Close(DialogResult.Ok(
                await trash.PurgeAsync(Actor, Item.Id, _confirm, _reason, Proof!, CancellationToken.None)));
        });
    }
}
