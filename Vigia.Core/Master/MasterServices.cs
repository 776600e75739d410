using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Audit;
using Vigia.Core.Configuration;
using Vigia.Core.Secrets;

namespace Vigia.Core.Master;

public static class MasterServices
{
    /// <summary>The master database, its audit trail, and Data Protection with keys in it wrapped by SECRET_KEY.</summary>
    public static IServiceCollection AddMaster(this IServiceCollection services, VigiaSettings settings)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings.SecretKeys);
        services.AddSingleton(new MasterConnectionString(settings.MasterDatabase.ConnectionString));
        services.AddSingleton<MasterStartup>();
        services.AddSingleton<MasterResolution>();
        services.AddSingleton(provider =>
        {
            var builder = new NpgsqlDataSourceBuilder(settings.MasterDatabase.ConnectionString) { Name = "master" };
            builder.ConnectionStringBuilder.ApplicationName ??= "Vigia Portal";

            // A process that is stopped inside a transaction would keep its locks (the audit head's among them) from everybody else.
            builder.ConnectionStringBuilder.Options = $"{builder.ConnectionStringBuilder.Options} -c idle_in_transaction_session_timeout=10s".TrimStart();
            return builder.UseLoggerFactory(provider.GetRequiredService<ILoggerFactory>()).Build();
        });
        services.Configure<IdentityOptions>(MasterSetup.SetSchemaVersion);
        services.AddDbContextFactory<MasterContext>((provider, options) => MasterSetup.Configure(options, provider.GetRequiredService<NpgsqlDataSource>()));
        services.AddSingleton<MasterIdentity>();
        services.AddSingleton<MasterMigrator>();
        services.AddSingleton<AuditTrail>();
        services.AddSingleton<AuditVerifier>();
        services.AddSingleton<AuditReader>();
        services.AddSingleton<WrappedKeys>();
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
