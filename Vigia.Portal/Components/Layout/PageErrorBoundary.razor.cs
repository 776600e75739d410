using System.Diagnostics;
using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Layout;

/// <summary>What a page throws ends here: the log has the exception, the person the trace id that finds it.</summary>
public sealed partial class PageErrorBoundary
{
    private string _traceId = "";
    private string? _failedAt;

    [Inject]
    private ILogger<PageErrorBoundary> Logger { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    /// <summary>Lets go of the failure of a page that was left. The page of this address may have failed before anybody hears of the change of address.</summary>
    public void RecoverElsewhere()
    {
        if (_failedAt != Navigation.Uri)
        {
            Recover();
        }
    }

    protected override Task OnErrorAsync(Exception exception)
    {
        _traceId = (Activity.Current?.TraceId ?? ActivityTraceId.CreateRandom()).ToHexString();
        _failedAt = Navigation.Uri;
        LogBroken(Logger, exception, new Uri(Navigation.Uri).AbsolutePath, _traceId);
        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A page failed: {Path}, trace {TraceId}")]
    private static partial void LogBroken(ILogger logger, Exception exception, string path, string traceId);
}
