using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Audit;
using Vigia.Core.Secrets;

namespace Vigia.Core.Master;

public static class MasterServices
{
    /// <summary>The master database, its audit trail, and Data Protection with keys in it wrapped by SECRET_KEY.</summary>
    /// <param name="services">Where to register.</param>
    /// <param name="connectionString">Npgsql connection string of the master; a direct connection, not through a pooler.</param>
    /// <param name="location">Host and port, or the private cluster's folder: part of the fingerprint.</param>
    /// <param name="secrets">SECRET_KEY and its predecessor.</param>
    public static IServiceCollection AddMaster(this IServiceCollection services, string connectionString, string location, SecretKeyRing secrets)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(secrets);
        services.AddSingleton(new MasterConnectionString(connectionString));
        services.AddSingleton(new MasterLocation(location));
        services.AddSingleton<MasterStartup>();
        services.AddSingleton(provider =>
        {
            var builder = new NpgsqlDataSourceBuilder(connectionString) { Name = "master" };
            builder.ConnectionStringBuilder.ApplicationName ??= "Vigia Portal";
            return builder.Build();
        });
        services.Configure<IdentityOptions>(MasterSetup.SetSchemaVersion);
        services.AddDbContextFactory<MasterContext>((provider, options) => MasterSetup.Configure(options, provider.GetRequiredService<NpgsqlDataSource>()));
        services.AddSingleton<MasterIdentity>();
        services.AddSingleton<MasterMigrator>();
        services.AddSingleton<AuditTrail>();
        services.AddDataProtection().SetApplicationName("Vigia.Portal").PersistKeysToDbContext<MasterContext>();
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider =>
            new ConfigureOptions<KeyManagementOptions>(options => options.XmlEncryptor = new SecretKeyXmlEncryptor(provider.GetRequiredService<SecretKeyRing>())));
        return services;
    }
}

/// <summary>The master's Npgsql connection string, password included; a data source gives it out without.</summary>
public sealed record MasterConnectionString(string Value)
{
    public override string ToString() => "***";
}

/// <summary>Where the master lives, as part of its fingerprint (invariant 11).</summary>
public sealed record MasterLocation(string Value);
