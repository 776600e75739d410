using Vigia.Core.Configuration;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Account;

/// <summary>A portal without staff gets its first administrator from the settings, or tells on the console where to make one.</summary>
internal static class FirstSignIn
{
    /// <exception cref="StartupException">Identity refuses the password of the settings.</exception>
    public static async Task PrepareFirstSignInAsync(this WebApplication app)
    {
        var cancellationToken = app.Lifetime.ApplicationStopping;
        var settings = app.Services.GetRequiredService<VigiaSettings>();
        var first = app.Services.GetRequiredService<FirstAdministrator>();
        if (!settings.Roles.HasFlag(PortalRoles.Staff) || !await first.IsMissingAsync(cancellationToken))
        {
            return;
        }

        if (settings is { PortalAdminEmail: { } email, PortalAdminPassword: { } password })
        {
            if (await first.CreateAsync(email, null, password, null, cancellationToken) is { Succeeded: false } refused)
            {
                throw new StartupException($"PORTAL_ADMIN_PASSWORD: {string.Join(" ", refused.Errors.Select(error => error.Description))}");
            }

            return;
        }

        // Once it listens: the address is known only then. On the console, never in the log: logs are kept and read by others.
        app.Lifetime.ApplicationStarted.Register(() => Console.Out.WriteLine($"""

              No member of staff yet. Make the first administrator here (works once, for 24 hours):
              {Address(app, settings)}{PortalUrls.SetUp}?token={first.IssueToken()}

            """));
    }

    private static string Address(WebApplication app, VigiaSettings settings) =>
        (settings.PortalBaseUrl?.ToString() ?? app.Urls.FirstOrDefault() ?? "").TrimEnd('/');
}
