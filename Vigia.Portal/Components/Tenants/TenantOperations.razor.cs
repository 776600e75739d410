using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Feed;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>The operations on a tenant, newest first, live.</summary>
public sealed partial class TenantOperations
{
    private readonly LatestRead _reading = new();
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

    private Task ReadAsync() => ReadAsync(
        _reading, TenantId,
        (id, until) => Operations.ListAsync(
            Actor, new OperationQuery { TenantId = id, WithMany = true, PageSize = 50 }, until),
        page => _page = page);
}
