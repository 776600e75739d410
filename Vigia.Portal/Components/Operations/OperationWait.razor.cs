using Microsoft.AspNetCore.Components;
using Vigia.Core.Operations;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Operations;

/// <summary>Says of an operation that no worker has that it waits until the workers are resumed.</summary>
public sealed partial class OperationWait(PageFeed feed, WorkerSwitch workers, StaffSession session)
    : WorkersStanding(feed, workers, session)
{
    [Parameter, EditorRequired]
    public Operation Operation { get; set; } = default!;
}
