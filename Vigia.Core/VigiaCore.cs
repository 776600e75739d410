using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Configuration;
using Vigia.Core.Credentials;
using Vigia.Core.Deletion;
using Vigia.Core.DemoData;
using Vigia.Core.Fleet;
using Vigia.Core.Isolation;
using Vigia.Core.Mail;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Provisioning;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;

namespace Vigia.Core;

public static class VigiaCore
{
    /// <summary>Everything the portal can do. Call <see cref="MasterStartup.RunAsync"/> once before the host starts.</summary>
    public static IServiceCollection AddVigiaCore(this IServiceCollection services, VigiaSettings settings)
    {
        services.AddSingleton(settings);
        services.AddMaster(settings);
        services.AddStaff();
        services.AddMail(settings.Roles);
        services.AddOperations();
        services.AddTenants(new TenantUrls(settings.BaseDomain));
        services.AddProvisioning();
        services.AddDeletion();
        services.AddDemoData();
        services.AddFleet(settings.Roles);
        services.AddIsolation();
        services.AddCredentials();
        return settings.Roles.HasFlag(PortalRoles.Worker) ? services.AddOperationWorkers() : services;
    }
}
