using Serilog;
using Serilog.Events;
using Serilog.Formatting.Compact;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Portal.Startup;

/// <summary>
/// Serilog on the console: plain text for people or compact JSON for programs (<c>Logging:Format</c>).
/// </summary>
internal static class LoggingSetup
{
    /// <summary>
    /// This category logs full addresses, and one-time links are addresses. So only a setting that names it lowers its
    /// level. A setting for the whole framework does not.
    /// </summary>
    internal const string WritesAddresses = "Microsoft.AspNetCore.Hosting.Diagnostics";

    internal static void AddVigiaLogging(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        builder.Services.AddSerilog(logger =>
        {
            logger.Enrich.FromLogContext();
            logger.MinimumLevel.Is(Level(configuration["Logging:LogLevel:Default"]) ?? LogEventLevel.Information);
            logger.MinimumLevel.Override(WritesAddresses, LogEventLevel.Warning);
            foreach (var source in configuration.GetSection("Logging:LogLevel").GetChildren()
                .Where(s => s.Key != "Default"))
                logger.MinimumLevel.Override(source.Key, Level(source.Value) ?? LogEventLevel.Information);

            if (IsJson(configuration)) logger.WriteTo.Console(new EscapedJson(new CompactJsonFormatter()));
            else logger.WriteTo.Console(new TextLogFormatter());
        });
    }

    internal static void Check(IConfiguration configuration, List<SettingProblem> problems)
    {
        if (configuration["Logging:Format"] is { Length: > 0 } format && format is not "text" && !IsJson(configuration))
            problems.Add(new SettingProblem("Logging:Format", $"\"{format}\" is neither text nor json", "json"));
        foreach (var source in configuration.GetSection("Logging:LogLevel").GetChildren()
            .Where(s => Level(s.Value) is null))
            problems.Add(new SettingProblem(
                source.Path, $"\"{source.Value}\" is none of Trace, Debug, Information, Warning, Error, Critical, None",
                "Information"));
    }

    private static bool IsJson(IConfiguration configuration) =>
        string.Equals(configuration["Logging:Format"], "json", StringComparison.OrdinalIgnoreCase);

    // The framework's level names, which appsettings.json uses everywhere else.
    private static LogEventLevel? Level(string? name) => name?.ToLowerInvariant() switch
    {
        "trace" => LogEventLevel.Verbose,
        "debug" => LogEventLevel.Debug,
        "information" => LogEventLevel.Information,
        "warning" => LogEventLevel.Warning,
        "error" => LogEventLevel.Error,
        "critical" => LogEventLevel.Fatal,
        "none" => LevelAlias.Off,
        _ => null,
    };
}
