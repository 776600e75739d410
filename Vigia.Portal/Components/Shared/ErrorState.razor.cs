using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// An error on the page: the cause, whether anything was lost, the advice, and the trace id to look up in the log.
/// </summary>
public sealed partial class ErrorState
{
    [Parameter]
    public string? Title { get; set; }

    [Parameter]
    public string? Text { get; set; }

    [Parameter]
    public string? TraceId { get; set; }

    [Parameter]
    public EventCallback OnRetry { get; set; }
}
