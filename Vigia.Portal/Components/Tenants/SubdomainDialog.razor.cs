using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Renaming;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>
/// Gives a tenant another sub-domain, or a former one back. Closes with true when that was asked for.
/// </summary>
public sealed partial class SubdomainDialog(PageNotices notices, TenantRenaming renaming, TenantUrls urls)
    : FormDialog(notices)
{
    private ElementReference _first;
    private string _subdomain = "";
    private string _reason = "";

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>The name that the dialog proposes; null for none.</summary>
    [Parameter]
    public string? Proposed { get; set; }

    protected override string Subject => Tenant.DisplayName;

    private string? Address =>
        Subdomain.Problem(_subdomain.Trim()) is null ? urls.Of(_subdomain.Trim()) : null;

    protected override string? FieldOf(RuleException refusal) =>
        refusal.Reason.Code is "subdominio_taken" or "subdominio_kept" or "db_name_taken" ? "subdominio" : null;

    // A name of a registry that was taken over may break the rules for new names, and can't be asked for again.
    private bool CanBeUndone => Subdomain.Problem(Tenant.Row.Subdomain) is null;

    protected override void OnInitialized() => _subdomain = Proposed ?? "";

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await _first.FocusAsync();
        }
    }

    private async Task RenameAsync()
    {
        await SubmitAsync(async () =>
        {
            await renaming.RenameAsync(Actor, Tenant.Id, _subdomain, _reason, CancellationToken.None);
            Notices.Say(NoteAbout(Tenant.DisplayName, T["RenameAsked"]));
            Dialog.Close(DialogResult.Ok(true));
        });
    }
}
