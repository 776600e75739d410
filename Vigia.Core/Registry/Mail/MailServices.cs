using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Vigia.Core.Foundation.Configuration;

namespace Vigia.Core.Registry.Mail;

public static class MailServices
{
    /// <summary>Adds the outbox and, in a process that is a worker, the service that sends its mail.</summary>
    public static IServiceCollection AddMail(this IServiceCollection services, InstanceRoles roles)
    {
        // One-time links and warnings go through this server.
        services.AddSafetySetting<MailOptions>("Mail:Host", mail => mail.Host);
        services.AddSafetySetting<MailOptions>(
            "Mail:Security", mail => mail.Security,
            mail => mail is { IsConfigured: true, Security: MailSecurity.None } && !IsHere(mail.Host)
                ? "mails with one-time links leave this machine in clear" : null);
        services.TryAddSingleton<Outbox>();
        services.TryAddSingleton<AdministratorMails>();
        services.AddSingleton<MailSender>();
        return roles.HasFlag(InstanceRoles.Worker) ? services.AddHostedService<MailWorker>() : services;
    }

    private static bool IsHere(string host) =>
        host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
