using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Feed;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Audit;

/// <summary>
/// A band on every page for people who may verify the audit trail. It says that the audit chain is broken or takes no
/// records. It stays until a verification succeeds again.
/// </summary>
public sealed partial class AuditBand(PageFeed feed, AuditChecks checks, StaffSession session) : FrameComponent(feed)
{
    private readonly LatestRead _reading = new();
    private AuditAlarm? _alarm;
    private Actor? _actor;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _actor = await session.ActorAsync();
        if (_actor.May(Rights.AuditVerify))
        {
            await FollowAsync(ChangeTopic.Tenants, AuditChecks.ChangeId, ReadAsync);
        }
    }

    private Task ReadAsync() => ReadAsync(
        _reading,
        until => Feed.SharedAsync(
            _actor!, new SharedQuestion("audit:alarm", null, ChangeTopic.Tenants),
            reading => checks.GetAlarmAsync(_actor!, reading), until),
        alarm => _alarm = alarm);
}
