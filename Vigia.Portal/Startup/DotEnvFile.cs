using dotenv.net;

namespace Vigia.Portal.Startup;

/// <summary><c>.env</c> and <c>.env.local</c> of the working folder, the way the product reads its own: the later file wins, and the process's environment over both.</summary>
internal static class DotEnvFile
{
    internal static void AddDotEnv(this ConfigurationManager configuration, string folder)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var file in (string[])[".env", ".env.local"])
        {
            var path = Path.Combine(folder, file);
            if (!File.Exists(path)) continue;
            // No expansion: a password may have a $ in it.
            foreach (var (name, value) in DotEnv.Read(new DotEnvOptions(
                ignoreExceptions: false, envFilePaths: [path], trimValues: true, supportExportSyntax: true, supportVariableExpansion: false)))
                values[name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal)] = value;
        }

        // Below the first source of environment variables, which is where the process's own begin.
        var sources = configuration.Sources;
        var environment = sources.ToList().FindLastIndex(s => s is Microsoft.Extensions.Configuration.EnvironmentVariables.EnvironmentVariablesConfigurationSource { Prefix: null or "" });
        sources.Insert(environment < 0 ? sources.Count : environment, new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource { InitialData = values });
    }
}
