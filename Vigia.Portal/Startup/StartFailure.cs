using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.Win32.SafeHandles;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Portal.Startup;

/// <summary>
/// Start-up failures that a person can fix. They print a few lines on stderr and return an exit code, without a stack
/// trace.
/// </summary>
internal static class StartFailure
{
    /// <summary>The exit code of a failure with its own message. Null for any other exception.</summary>
    internal static int? ExitCodeOf(Exception exception) => exception switch
    {
        StartupException => StartupException.ExitCode,
        // appsettings.json is not valid JSON, and it is read before the portal's own checks.
        InvalidDataException { InnerException: FormatException } => StartupException.ExitCode,
        // Another program was quicker than the start (ListeningCheck).
        IOException { InnerException: AddressInUseException } => StartupException.ExitCode,
        _ => null,
    };

    internal static async Task ReportAsync(Exception exception)
    {
        var text = EscapedText.OfLines("Vigia Portal can't start. " + exception switch
        {
            InvalidDataException invalid => $"A settings file can't be read: {invalid.InnerException?.Message}",
            IOException inUse => ListeningCheck.Explain(inUse).Message,
            _ => exception.Message,
        });

        if (OperatingSystem.IsWindows())
        {
            await Console.Error.WriteLineAsync(text);
            return;
        }

        // Not the console: it needs a culture, and one reason for being here is that there is none.
        using var standardError = new SafeFileHandle(2, ownsHandle: false);
        await using var error = new FileStream(standardError, FileAccess.Write, bufferSize: 0);
        await error.WriteAsync(Encoding.UTF8.GetBytes(text + Environment.NewLine));
    }
}
