using Vigia.Core.Operations;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Operations;

/// <summary>
/// Says on every page that an administrator has paused all workers: what a person asks for there waits.
/// </summary>
public sealed partial class WorkersBand(PageFeed feed, WorkerSwitch workers, StaffSession session)
    : WorkersStanding(feed, workers, session)
{
}
