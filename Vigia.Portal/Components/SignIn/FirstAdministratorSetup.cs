using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Portal.Components.SignIn;

/// <summary>
/// Creates the first administrator of a portal without staff from the settings, or prints on the console where to
/// create one.
/// </summary>
internal static class FirstAdministratorSetup
{
    /// <exception cref="StartupException">Identity refuses the password of the settings.</exception>
    public static async Task PrepareFirstSignInAsync(this WebApplication app)
    {
        var cancellationToken = app.Lifetime.ApplicationStopping;
        var settings = app.Services.GetRequiredService<VigiaSettings>();
        var first = app.Services.GetRequiredService<FirstAdministrator>();
        if (!settings.Roles.HasFlag(InstanceRoles.Staff) || !await first.IsMissingAsync(cancellationToken))
        {
            return;
        }

        if (settings is { PortalAdminEmail: { } email, PortalAdminPassword: { } password })
        {
            var made = await first.CreateAsync(email, settings.PortalAdminName, password, null, cancellationToken);
            if (made is { Succeeded: false } refused)
            {
                throw new StartupException([new SettingProblem(
                    "PORTAL_ADMIN_PASSWORD", string.Join("; ", refused.Errors.Select(error => error.Description)),
                    "(the output of: openssl rand -base64 18)")]);
            }

            return;
        }

        // The address is known only after the server listens. The link goes to the console and never to the log,
        // because logs are kept and other people read them.
        app.Lifetime.ApplicationStarted.Register(() => Console.Out.WriteLine($"""

              No member of staff yet. Make the first administrator here (works once, for 24 hours):
              {Address(app, settings)}{PortalUrls.SetUp}?token={first.IssueToken()}

            """));
    }

    private static string Address(WebApplication app, VigiaSettings settings) =>
        (settings.PortalBaseUrl?.ToString() ?? app.Urls.FirstOrDefault() ?? "").TrimEnd('/');
}
