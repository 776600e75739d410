using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Portal.Startup;

/// <summary>
/// The superuser for the commands that prepare a server: VIGIA_SUPERUSER_URL. Its password may stand apart, in
/// VIGIA_SUPERUSER_PASSWORD. The portal itself never uses either.
/// </summary>
internal static class SuperuserUrl
{
    internal const string Variable = "VIGIA_SUPERUSER_URL";

    private const string PasswordVariable = "VIGIA_SUPERUSER_PASSWORD";

    /// <returns>The URL, in the database <c>postgres</c> if it names none. Null when the variable is not set.</returns>
    /// <exception cref="StartupException">It is not a URL.</exception>
    internal static PostgresUrl? Read(IConfiguration configuration)
    {
        if (configuration[Variable] is not { Length: > 0 } text)
        {
            return null;
        }

        if (!PostgresUrl.TryParse(text, out var url, out var problem))
        {
            throw new StartupException($"{Variable}: {problem}.");
        }

        url = url.Database.Length > 0 ? url : url.WithDatabase("postgres");
        return url.Password.Length == 0 && configuration[PasswordVariable] is { Length: > 0 } password
            ? url.WithUser(url.Username, password) : url;
    }
}
