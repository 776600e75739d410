using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Tenants;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Isolation;

/// <summary>
/// A band on every page for people who may prove isolation. It says that the isolation of a tenant is broken, and stays
/// until a proof of that tenant succeeds again.
/// </summary>
public sealed partial class IsolationBand(
    PageFeed feed, IsolationService isolation, StaffSession session) : FrameComponent(feed)
{
    private readonly LatestRead _reading = new();
    private IReadOnlyList<BrokenIsolation> _broken = [];
    private Actor? _actor;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _actor = await session.ActorAsync();
        if (_actor.May(TenantAction.ProveIsolation.Right))
        {
            await FollowSharedAsync(ReadAsync, ChangeTopic.Tenants);
        }
    }

    private Task ReadAsync() => ReadAsync(
        _reading,
        until => Feed.SharedAsync(
            _actor!, new SharedQuestion("isolation:broken", null, ChangeTopic.Tenants),
            reading => isolation.BrokenAsync(_actor!, reading), until),
        broken => _broken = broken);
}
