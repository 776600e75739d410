using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Registry.Mail;

namespace Vigia.Core.Registry.Audit;

public static class AuditServices
{
    /// <summary>
    /// Adds the audit trail: appending, reading, verifying, its keys and its exported heads. The nightly verification
    /// is added with the operations.
    /// </summary>
    public static IServiceCollection AddAudit(this IServiceCollection services)
    {
        services.AddSafetySetting<AuditOptions>("Audit:HeadFolder", audit => audit.HeadFolder);
        services.AddSafetySetting<AuditOptions>(
            "Audit:HeadRecipients", audit => audit.HeadRecipients,
            audit => audit is { SendsToNobody: true, HeadFolder: "" }
                ? "nothing outside the database shows that the end of the audit trail was cut off" : null);
        services.AddSingleton<AuditHeadFolder>();
        services.AddSingleton<AuditStanding>();
        services.AddSingleton<AuditTrail>();
        services.AddSingleton<AuditChains>();
        services.AddScoped<AuditReader>();
        services.TryAddSingleton<OneAtATime>();
        services.TryAddSingleton<Outbox>();
        services.TryAddSingleton<AdministratorMails>();
        services.AddSingleton<AuditAlarmMails>();
        services.AddSingleton<AuditChecks>();
        services.AddSingleton<AuditVerifier>();
        return services;
    }
}
