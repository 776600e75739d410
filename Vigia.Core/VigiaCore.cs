using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Deletion;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Provisioning;
using Vigia.Core.Secrets;
using Vigia.Core.Staff;
using Vigia.Core.Tenancy;
using Vigia.Core.Tenants;

namespace Vigia.Core;

/// <summary>What Core needs to know; the portal reads it from its settings (architecture section 7).</summary>
public sealed record CoreSettings
{
    /// <summary>Npgsql connection string of the master; direct, not through a pooler.</summary>
    public required string MasterConnectionString { get; init; }

    /// <summary>Host and port of the master, or the private cluster's folder: part of its fingerprint.</summary>
    public required string MasterLocation { get; init; }

    /// <summary>Npgsql connection string with <c>{db_name}</c> as database.</summary>
    public required string TenantTemplateConnectionString { get; init; }

    public required string BaseDomain { get; init; }

    public required string SecretKey { get; init; }

    public string? SecretKeyPrevious { get; init; }

    /// <summary>Whether this instance works on operations.</summary>
    public bool Workers { get; init; } = true;

    public override string ToString() => MasterLocation;
}

public static class VigiaCore
{
    /// <summary>Everything the portal can do. Call <see cref="MasterStartup.RunAsync"/> once before the host starts.</summary>
    public static IServiceCollection AddVigiaCore(this IServiceCollection services, CoreSettings settings)
    {
        services.AddMaster(settings.MasterConnectionString, settings.MasterLocation, new SecretKeyRing(settings.SecretKey, settings.SecretKeyPrevious));
        services.AddStaff();
        services.AddOperations();
        services.AddTenants(new TenantUrls(settings.BaseDomain));
        services.AddProvisioning(new TenantDatabaseTemplate(settings.TenantTemplateConnectionString));
        services.AddDeletion();
        return settings.Workers ? services.AddOperationWorkers() : services;
    }
}
