using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>
/// For a tenant whose database is not on the server: restore it, register the tenant again with an empty one, or retire
/// it. After a restore the page looks again at once.
/// </summary>
public sealed partial class MissingDatabase(TenantContents contents)
{
    private readonly LatestRead _reading = new();
    private bool _looking;
    private bool _stillMissing;

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    // The result of the count is stored, and the page follows the stored row.
    private async Task LookAsync()
    {
        (_looking, _stillMissing) = (true, false);
        await ReadAsync(
            _reading, Tenant.Id, (id, until) => contents.CountAsync(Actor, id, until),
            content => _stillMissing = content is null);
        _looking = false;
    }
}
