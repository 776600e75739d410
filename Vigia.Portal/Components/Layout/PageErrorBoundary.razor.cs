using System.Diagnostics;
using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;

namespace Vigia.Portal.Components.Layout;

/// <summary>
/// Catches the exceptions of a page. The log gets the exception, and the person gets the trace id to find it.
/// </summary>
public sealed partial class PageErrorBoundary
{
    private string _traceId = "";
    private string? _failedAt;
    private string? _text;

    [Inject]
    private ILogger<PageErrorBoundary> Logger { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    /// <summary>
    /// Clears the failure of the previous page after navigation. The page at the current address may have failed before
    /// the change of address is reported. Such a failure is kept.
    /// </summary>
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
        _text = TransientFailures.IsServerUnavailable(exception)
            && new Message("unavailable") is var away ? $"{away.Render()} {away.RenderAdvice()}" : null;
        LogBroken(Logger, exception, new Uri(Navigation.Uri).AbsolutePath, _traceId);
        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A page failed: {Path}, trace {TraceId}")]
    private static partial void LogBroken(ILogger logger, Exception exception, string path, string traceId);
}
