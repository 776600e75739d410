using Microsoft.AspNetCore.Connections;
using Vigia.Core.Configuration;

namespace Vigia.Portal.Startup;

/// <summary>Failures at start that a person can mend: a few lines on stderr and an exit code, never a stack trace.</summary>
internal static class StartFailure
{
    /// <summary>The exit code of a failure that has a sentence for it; null for any other exception.</summary>
    internal static int? ExitCodeOf(Exception exception) => exception switch
    {
        StartupException => StartupException.ExitCode,
        // appsettings.json that is no JSON, before there is anything of ours to check it.
        InvalidDataException { InnerException: FormatException } => StartupException.ExitCode,
        IOException { InnerException: AddressInUseException } => 1,
        _ => null,
    };

    internal static Task TellAsync(Exception exception) => Console.Error.WriteLineAsync("Vigia Portal can't start. " + exception switch
    {
        InvalidDataException invalid => $"A settings file can't be read: {invalid.InnerException?.Message}",
        IOException inUse => $"{inUse.Message}\nAnother program listens there; choose another address with ASPNETCORE_URLS, for example http://127.0.0.1:5081",
        _ => exception.Message,
    });
}
