using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Registry.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Deletion;

/// <summary>
/// Restores a tenant, under another sub-domain if the old one is taken. Closes with the operation's id.
/// </summary>
public sealed partial class RestoreDialog(PageNotices notices, TrashService trash) : FormDialog(notices)
{
    private MudButton? _cancel;
    private string _subdomain = "";

    [Parameter, EditorRequired]
    public TrashedTenant Item { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override string Subject => Item.LegalName ?? Item.Subdomain;

    protected override string? FieldOf(RuleException refusal) =>
        refusal.Reason.Code is "subdominio_taken" or "subdominio_kept" or "ruc_taken" or "db_name_taken"
            ? "subdominio" : null;

    protected override void OnInitialized() => _subdomain = Item.Subdomain;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _cancel is not null)
        {
            await _cancel.FocusAsync();
        }
    }

    private async Task RestoreAsync()
    {
        await SubmitAsync(async () =>
        {
            var other = _subdomain.Trim() == Item.Subdomain ? null : _subdomain.Trim();
            Dialog.Close(DialogResult.Ok(await trash.RestoreAsync(Actor, Item.Id, other, CancellationToken.None)));
        });
    }
}
