using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Api;
using Vigia.Core.AuditWatch;
using Vigia.Core.Diagnosis;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Lifecycle.Credentials;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Lifecycle.DemoData;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Lifecycle.Limits;
using Vigia.Core.Lifecycle.OutsideRoles;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Lifecycle.Reclaiming;
using Vigia.Core.Lifecycle.Removal;
using Vigia.Core.Lifecycle.Renaming;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Core.Registry;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Staff;
using Vigia.Core.Staff.ServiceAccounts;
using Vigia.Core.Startup;
using Vigia.Core.Tenancy;
using Vigia.Core.TenantSide;
using Vigia.Core.Tenants;

namespace Vigia.Core;

public static class VigiaCore
{
    /// <summary>
    /// Everything the portal can do. Call <see cref="MasterStartup.RunAsync"/> once before the host starts.
    /// </summary>
    public static IServiceCollection AddVigiaCore(this IServiceCollection services, VigiaSettings settings)
    {
        services.AddSingleton(settings);
        services.AddMaster(settings);
        services.AddStartup();
        services.AddRegistry(settings.BaseDomain, settings.Roles);
        services.AddIdempotency();
        services.AddStaff();
        services.AddServiceAccounts();
        services.AddMail(settings.Roles);
        services.AddOperations();
        services.AddTenants();
        services.AddTenancy(settings.Roles);
        services.AddRemoval();
        services.AddOutsideRoles();
        services.AddProvisioning();
        services.AddDeletion();
        services.AddDemoData();
        services.AddSchemaUpgrades(settings.Roles);
        services.AddIsolation();
        services.AddReclaiming();
        services.AddAdoption();
        services.AddTenantLimits();
        services.AddCredentials();
        services.AddRenaming();
        services.AddAuditWatch(settings.Roles);
        services.AddTenantSideSafetySettings();
        if (settings.Roles.HasFlag(InstanceRoles.Tenant))
        {
            services.AddTenantSide();
        }

        services.AddDiagnosis();
        return settings.Roles.HasFlag(InstanceRoles.Worker) ? services.AddOperationWorkers() : services;
    }
}
