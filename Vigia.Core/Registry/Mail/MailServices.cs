using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Vigia.Core.Foundation.Configuration;

namespace Vigia.Core.Registry.Mail;

public static class MailServices
{
    /// <summary>Adds the outbox and, in a process that is a worker, the service that sends its mail.</summary>
    public static IServiceCollection AddMail(this IServiceCollection services, InstanceRoles roles)
    {
        services.TryAddSingleton<Outbox>();
        services.TryAddSingleton<AdministratorLetters>();
        services.AddSingleton<MailSender>();
        return roles.HasFlag(InstanceRoles.Worker) ? services.AddHostedService<MailWorker>() : services;
    }
}
