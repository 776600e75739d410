using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Adoption;

/// <summary>For a tenant that the product registered: what that means, and the button to adopt its database.</summary>
public sealed partial class AdoptNotice(PageDialogs dialogs, IOptions<AdoptionOptions> options)
{
    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    private static Message Off => new("adoption_off");

    private Task<Guid> AdoptAsync() => dialogs.AskAsync<AdoptDialog, Guid>(new DialogParameters<AdoptDialog>
    {
        { dialog => dialog.Tenant, Tenant }, { dialog => dialog.Actor, Actor },
    });
}
