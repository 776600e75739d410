using System.Diagnostics;
using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;

namespace Vigia.Portal.Components.Layout;

/// <summary>
/// Catches the exceptions of a page. The log gets the exception, and the person gets the trace id to find it.
/// </summary>
public sealed partial class PageErrorBoundary(ILogger<PageErrorBoundary> logger, NavigationManager navigation)
{
    private string _traceId = "";
    private string? _failedAt;
    private string? _text;

    /// <summary>
    /// Clears the failure of the previous page after navigation. The page at the current address may have failed before
    /// the change of address is reported. Such a failure is kept.
    /// </summary>
    public void RecoverElsewhere()
    {
        if (_failedAt != navigation.Uri)
        {
            Recover();
        }
    }

    protected override Task OnErrorAsync(Exception exception)
    {
        _traceId = (Activity.Current?.TraceId ?? ActivityTraceId.CreateRandom()).ToHexString();
        _failedAt = navigation.Uri;
        _text = TransientFailures.IsServerUnavailable(exception)
            && new Message("unavailable") is var away ? $"{away.Render()} {away.RenderAdvice()}" : null;
        LogBroken(logger, exception, new Uri(navigation.Uri).AbsolutePath, _traceId);
        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A page failed: {Path}, trace {TraceId}")]
    private static partial void LogBroken(ILogger logger, Exception exception, string path, string traceId);
}
