using Microsoft.AspNetCore.Components;
using Vigia.Core.Feed;
using Vigia.Core.Operations;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Tenants;

/// <summary>What was done with a client's database, newest first, live.</summary>
public sealed partial class TenantOperations
{
    private OperationPage? _page;

    [Parameter, EditorRequired]
    public int TenantId { get; set; }

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Inject]
    private OperationService Operations { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        Watch(ChangeTopic.Operations, _ => ReadAsync());
        await ReadAsync();
    }

    private async Task ReadAsync() => _page = await Operations.ListAsync(Actor, new OperationQuery { TenantId = TenantId, WithMany = true, PageSize = 50 }, Ending);
}
