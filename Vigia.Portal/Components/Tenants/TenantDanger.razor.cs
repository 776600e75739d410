using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>The ways of ending a tenant, and the changes that few people may make.</summary>
public sealed partial class TenantDanger(PageDialogs dialogs, PageNotices notices)
{
    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    private bool MayConvert => Tenant.IsDemo && Actor.May(TenantAction.Convert.Right);

    private async Task ConvertAsync()
    {
        var done = await dialogs.AskAsync<ConversionDialog, bool>(new DialogParameters<ConversionDialog>
        {
            { dialog => dialog.Tenant, Tenant }, { dialog => dialog.Actor, Actor },
        });
        if (done)
        {
            notices.Say(T["Converted", Tenant.DisplayName]);
        }
    }

    private async Task CorrectRucAsync() =>
        await dialogs.AskAsync<RucDialog, bool>(new DialogParameters<RucDialog> { { dialog => dialog.Tenant, Tenant },
        { dialog => dialog.Actor, Actor } });

    private async Task RenameAsync() =>
        await dialogs.AskAsync<SubdomainDialog, bool>(new DialogParameters<SubdomainDialog>
        {
            { dialog => dialog.Tenant, Tenant }, { dialog => dialog.Actor, Actor },
        });
}
