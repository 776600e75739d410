using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Configuration;

namespace Vigia.Core.Mail;

public static class MailServices
{
    /// <summary>The outbox, and where this process is a worker, what empties it.</summary>
    public static IServiceCollection AddMail(this IServiceCollection services, PortalRoles roles)
    {
        services.AddSingleton<Outbox>();
        services.AddSingleton<MailSender>();
        return roles.HasFlag(PortalRoles.Worker) ? services.AddHostedService<MailWorker>() : services;
    }
}
