using Microsoft.AspNetCore.Components;
using Vigia.Core.Feed;
using Vigia.Core.Isolation;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Account;

namespace Vigia.Portal.Components.Isolation;

/// <summary>On every page of those who may prove isolation: that some client's is broken. It stays until a proof of that client holds again.</summary>
public sealed partial class IsolationBand
{
    private IReadOnlyList<BrokenIsolation> _broken = [];
    private Actor? _actor;

    [Inject]
    private IsolationService Isolation { get; set; } = default!;

    [Inject]
    private StaffSession Session { get; set; } = default!;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _actor = await Session.ActorAsync();
        if (_actor.May(Rights.TenantsIsolationProve))
        {
            Watch(ChangeTopic.Tenants, _ => ReadAsync());
            await ReadAsync();
            StateHasChanged();
        }
    }

    private async Task ReadAsync() => _broken = await Isolation.BrokenAsync(_actor!, Ending);
}
