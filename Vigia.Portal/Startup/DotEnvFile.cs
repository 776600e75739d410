using dotenv.net;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace Vigia.Portal.Startup;

/// <summary>
/// Reads <c>.env</c> and <c>.env.local</c> from the working folder, as the product does. The later file takes
/// precedence, and the environment of the process takes precedence over both.
/// </summary>
internal static class DotEnvFile
{
    internal static void AddDotEnv(this ConfigurationManager configuration, string folder)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var file in (string[])[".env", ".env.local"])
        {
            var path = Path.Combine(folder, file);
            if (!File.Exists(path)) continue;
            // No variable expansion: a password may contain a $.
            foreach (var (name, value) in DotEnv.Read(new DotEnvOptions(
                ignoreExceptions: false, envFilePaths: [path], trimValues: true, supportExportSyntax: true,
                supportVariableExpansion: false)))
                values[name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal)] = value;
        }

        // Inserted below the first source of environment variables, where the environment of the process begins.
        var sources = configuration.Sources;
        var environment = sources.ToList()
            .FindLastIndex(s => s is EnvironmentVariablesConfigurationSource { Prefix: null or "" });
        sources.Insert(environment < 0 ? sources.Count : environment,
            new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource { InitialData = values });
    }
}
