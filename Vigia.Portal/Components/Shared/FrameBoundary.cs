using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// Catches the exceptions of a part of the frame around every page, which would otherwise end the circuit with all that
/// was typed. The part is left out for a moment and then made anew. The log gets the exception.
/// </summary>
public sealed partial class FrameBoundary(ILogger<FrameBoundary> logger, TimeProvider time)
    : ErrorBoundaryBase, IDisposable
{
    private ITimer? _again;

    /// <summary>How long the part is left out.</summary>
    [Parameter]
    public TimeSpan Pause { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Called after the part has failed.</summary>
    [Parameter]
    public EventCallback<Exception> OnFailed { get; set; }

    public void Dispose() => _again?.Dispose();

    protected override void OnInitialized() => MaximumErrorCount = int.MaxValue;

    protected override Task OnErrorAsync(Exception exception)
    {
        LogFailed(logger, exception);
        _again?.Dispose();
        _again = time.CreateTimer(_ => _ = InvokeAsync(Recover), null, Pause, Timeout.InfiniteTimeSpan);
        return OnFailed.InvokeAsync(exception);
    }

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        if (CurrentException is null)
        {
            builder.AddContent(0, ChildContent);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A component of the frame failed and is created again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
