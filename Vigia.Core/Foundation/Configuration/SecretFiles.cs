using Microsoft.Extensions.Configuration;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Foundation.Configuration;

/// <summary>
/// Secrets from files: <c>SECRET_KEY_FILE</c> names a file with the value of <c>SECRET_KEY</c>, and so for every
/// setting that is a secret or contains one. Orchestrators hand out secrets like this, because other processes can see
/// an environment. This is the only place that reads them. See docs/decisions/structure.md#d266.
/// </summary>
public static class SecretFiles
{
    public const string Suffix = "_FILE";

    /// <summary>
    /// The settings that can come from a file. The passwords of further certificates, which have names of their own
    /// (<c>Kestrel:Endpoints:Https:Certificate:Password</c>), can too.
    /// </summary>
    public static IReadOnlyList<string> Settings { get; } =
    [
        "MASTER_DATABASE_URL", "TENANT_DB_TEMPLATE", "DATABASE_URL", "PORTAL_DB_PASSWORD", "VIGIA_SUPERUSER_URL",
        "VIGIA_SUPERUSER_PASSWORD", "SECRET_KEY", "SECRET_KEY_PREVIOUS", "PORTAL_SECRET_KEY",
        "PORTAL_SECRET_KEY_PREVIOUS", "PORTAL_ADMIN_PASSWORD", "Mail:Password", "Oidc:ClientSecret",
        "Kestrel:Certificates:Default:Password", "OTEL_EXPORTER_OTLP_HEADERS",
    ];

    /// <summary>
    /// Reads the files that settings name, above all other sources. The line break at the end of a file is no part of
    /// the value. An empty file counts as no value.
    /// </summary>
    /// <exception cref="StartupException">
    /// A setting is given in both ways, or a file can't be read. The message lists all errors.
    /// </exception>
    public static void AddSecretFiles(this IConfigurationManager configuration)
    {
        var (values, problems) = (new Dictionary<string, string?>(), new List<SettingProblem>());
        foreach (var setting in Settings.Union(CertificatePasswords(configuration), StringComparer.OrdinalIgnoreCase))
        {
            if (configuration[setting + Suffix] is not { Length: > 0 } path)
            {
                continue;
            }

            if (configuration[setting] is { Length: > 0 })
            {
                problems.Add(new SettingProblem(
                    setting, $"it is set, and {Variable(setting)} too; keep one of them", path));
            }
            else if (TryRead(path, out var value, out var problem))
            {
                values[setting] = value;
            }
            else
            {
                problems.Add(new SettingProblem(
                    Variable(setting), problem, $"/run/secrets/{setting.Replace(':', '_').ToLowerInvariant()}"));
            }
        }

        if (problems.Count > 0)
        {
            throw new StartupException(problems);
        }

        configuration.AddInMemoryCollection(values);
    }

    private static IEnumerable<string> CertificatePasswords(IConfiguration configuration) =>
        configuration.GetSection("Kestrel").AsEnumerable().Select(entry => entry.Key)
            .Where(key => key.EndsWith($":Password{Suffix}", StringComparison.OrdinalIgnoreCase))
            .Select(key => key[..^Suffix.Length]);

    /// <summary>Whether a key only names the file of another setting.</summary>
    internal static bool IsFileOf(string key) =>
        Settings.Any(setting => string.Equals(key, setting + Suffix, StringComparison.OrdinalIgnoreCase));

    private static string Variable(string setting) => setting.Replace(":", "__", StringComparison.Ordinal) + Suffix;

    private static bool TryRead(string path, out string? value, out string problem)
    {
        (value, problem) = (null, "");
        try
        {
            var text = File.ReadAllText(path);
            value = text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2]
                : text.EndsWith('\n') ? text[..^1] : text;
            if (value.Contains('\n', StringComparison.Ordinal))
            {
                problem = $"the file {path} has more than one line";
                return false;
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = $"the file can't be read ({e.Message})";
            return false;
        }
    }
}
