using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Secrets;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.Registry;

public static class RegistryServices
{
    // For each session of the pool. A plan of ours takes about 50 KB of the server's memory.
    private const int PreparedStatements = 100;

    /// <summary>
    /// Adds the master database, its audit trail, and Data Protection with keys that are stored there, wrapped with the
    /// portal's secret.
    /// </summary>
    public static IServiceCollection AddMaster(this IServiceCollection services, VigiaSettings settings)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(settings);
        services.AddSingleton(settings.SecretKeys);
        services.AddSingleton(new MasterConnectionString(settings.MasterDatabase.ConnectionString));
        services.AddSingleton(provider =>
        {
#pragma warning disable RS0030 // The only pool of the process. PostgresSessions opens all other connections.
            var builder = new NpgsqlDataSourceBuilder(settings.MasterDatabase.ConnectionString) { Name = "master" };
#pragma warning restore RS0030
            builder.ConnectionStringBuilder.ApplicationName ??= "Vigia Portal";

            // A process that is stopped inside a transaction would keep its locks, among them that of the audit head,
            // and block everybody else.
            var server = PostgresSessions.TryLookAt(settings.MasterDatabase.ToConnectionStringBuilder());
            builder.ConnectionStringBuilder.Options = SessionSettings.AddTo(
                builder.ConnectionStringBuilder.Options, server?.Version ?? 0, idleInTransaction: "10s");

            // Most of our statements take longer to plan than to run. A pooler gives the session of the server to
            // somebody else, who does not have its prepared statements.
            builder.ConnectionStringBuilder.MaxAutoPrepare = server?.IsDirect == true ? PreparedStatements : 0;
            builder.ConnectionStringBuilder.AutoPrepareMinUsages = 3;
            return TolerantTypes.AddTo(builder).UseLoggerFactory(provider.GetRequiredService<ILoggerFactory>()).Build();
        });
        services.Configure<IdentityOptions>(MasterSetup.SetSchemaVersion);
        services.AddDbContextFactory<MasterContext>(options => MasterSetup.Configure(options));
        services.AddSingleton<MasterIdentity>();
        services.AddSingleton<MasterPlace>();
        services.AddSingleton<MasterMigrator>();
        services.AddAudit();
        services.AddSingleton<NeededKeys>();
        services.AddSingleton(new ProtectedTexts(db => db.Set<TenantCredential>().Select(c => c.ProtectedPassword)));
        services.AddSingleton(new ProtectedTexts(StaffTables.AuthenticatorSecrets));
        services.AddSingleton(new ProtectedTexts(db => db.Set<OutboxMessage>()
            .Where(m => m.State == OutboxState.Pending && m.ProtectedBody != null).Select(m => m.ProtectedBody!)));
        services.AddSingleton<WrappedKeys>();
        services.AddSingleton<SealedKeyRepository>();
        services.AddDataProtection().SetApplicationName("Vigia.Portal");
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(
            provider => new ConfigureOptions<KeyManagementOptions>(options =>
            (options.XmlRepository, options.XmlEncryptor) =
                (provider.GetRequiredService<SealedKeyRepository>(), new PartOfSealedElement())));
        return services;
    }

    /// <summary>
    /// Adds the parts of the registry that a running portal needs: tenant databases, and notifications of changes by
    /// other instances.
    /// </summary>
    public static IServiceCollection AddRegistry(
        this IServiceCollection services, string baseDomain, InstanceRoles roles)
    {
        services.AddSingleton(new TenantUrls(baseDomain));
        services.AddSingleton<ChangeFeed>();
        services.AddSingleton<SharedAnswers>();
        services.AddSingleton<MasterNotifications>();
        services.AddHostedService(provider => provider.GetRequiredService<MasterNotifications>());
        services.AddSingleton<MasterHealth>();
        services.AddHostedService<RegistryFillWorker>();
        services.AddSingleton<ServerConnections>();
        services.AddSingleton<TenantDatabases>();
        services.TryAddSingleton(TenantSchemaVersions.OfThisBuild);
        services.AddSingleton<TenantMigrator>();
        services.AddOptions<ObservationOptions>();
        services.AddSingleton<TenantConnections>();
        services.AddSingleton<DatabaseObserver>();
        services.AddSingleton<OpeningsObserver>();
        services.AddSingleton<TenantContentCounter>();
        services.AddSingleton<ObservationRounds>();
        return roles.HasFlag(InstanceRoles.Worker) ? services.AddHostedService<ObservationWorker>() : services;
    }
}
