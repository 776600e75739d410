using Vigia.Core.Api;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Tenancy;
using Vigia.Core.Tenants;
using Vigia.Core.TenantSide;
using Vigia.Portal.Components.Transport;

namespace Vigia.Portal.Startup;

/// <summary>Reads and checks all settings before anything is built.</summary>
internal static class StartupSettings
{
    /// <summary>
    /// Reads <c>.env</c>, the environment, appsettings.json and the command line into typed settings, and registers the
    /// options classes.
    /// </summary>
    /// <exception cref="StartupException">A setting is wrong. The message lists all errors.</exception>
    internal static VigiaSettings AddVigiaSettings(this WebApplicationBuilder builder)
    {
        builder.Configuration.AddDotEnv(Environment.CurrentDirectory);
        builder.Configuration.AddSecretFiles();
        var settings = Read(builder.Configuration);
        builder.Services.Configure<PortalOptions>(builder.Configuration.GetSection(PortalOptions.Section));
        builder.Services.Configure<TrashOptions>(builder.Configuration.GetSection(TrashOptions.Section));
        builder.Services.Configure<SchemaOptions>(builder.Configuration.GetSection(SchemaOptions.Section));
        builder.Services.Configure<AdoptionOptions>(builder.Configuration.GetSection(AdoptionOptions.Section));
        builder.Services.Configure<DemoOptions>(builder.Configuration.GetSection(DemoOptions.Section));
        builder.Services.Configure<StaffOptions>(builder.Configuration.GetSection(StaffOptions.Section));
        builder.Services.Configure<OidcOptions>(builder.Configuration.GetSection(OidcOptions.Section));
        builder.Services.Configure<ApprovalOptions>(builder.Configuration.GetSection(ApprovalOptions.Section));
        builder.Services.Configure<MailOptions>(builder.Configuration.GetSection(MailOptions.Section));
        builder.Services.Configure<ApiOptions>(builder.Configuration.GetSection(ApiOptions.Section));
        builder.Services.Configure<AuditOptions>(builder.Configuration.GetSection(AuditOptions.Section));
        builder.Services.Configure<IsolationOptions>(builder.Configuration.GetSection(IsolationOptions.Section));
        builder.Services.Configure<ObservationOptions>(
            builder.Configuration.GetSection(ObservationOptions.Section));
        builder.Services.Configure<TenancyOptions>(builder.Configuration.GetSection(TenancyOptions.Section));
        builder.Services.Configure<OperationOptions>(builder.Configuration.GetSection(OperationOptions.Section));
        builder.Services.Configure<TenantSideOptions>(builder.Configuration.GetSection(TenantSideOptions.Section));
        builder.AddSafetyDefaults(settings);
        return settings;
    }

    internal static VigiaSettings Read(IConfiguration configuration)
    {
        var problems = new List<SettingProblem>();
        var settings = new SettingsReader(configuration, problems).Read();
        SettingsSection.Check<PortalOptions>(configuration, PortalOptions.Section, problems);
        SettingsSection.Check<TrashOptions>(configuration, TrashOptions.Section, problems);
        SettingsSection.Check<SchemaOptions>(configuration, SchemaOptions.Section, problems);
        SettingsSection.Check<AdoptionOptions>(configuration, AdoptionOptions.Section, problems);
        SettingsSection.Check<DemoOptions>(configuration, DemoOptions.Section, problems);
        SettingsSection.Check<StaffOptions>(configuration, StaffOptions.Section, problems);
        SettingsSection.Check<OidcOptions>(configuration, OidcOptions.Section, problems);
        SettingsSection.Check<ApprovalOptions>(configuration, ApprovalOptions.Section, problems);
        SettingsSection.Check<MailOptions>(configuration, MailOptions.Section, problems);
        SettingsSection.Check<ApiOptions>(configuration, ApiOptions.Section, problems);
        SettingsSection.Check<AuditOptions>(configuration, AuditOptions.Section, problems);
        SettingsSection.Check<IsolationOptions>(configuration, IsolationOptions.Section, problems);
        SettingsSection.Check<ObservationOptions>(configuration, ObservationOptions.Section, problems);
        SettingsSection.Check<TenancyOptions>(configuration, TenancyOptions.Section, problems);
        SettingsSection.Check<OperationOptions>(configuration, OperationOptions.Section, problems);
        SettingsSection.Check<TenantSideOptions>(configuration, TenantSideOptions.Section, problems);
        SettingsSection.Check<LimitOptions>(configuration, LimitOptions.Section, problems);
        LoggingSetup.Check(configuration, problems);
        PortalAddress.Check(configuration, problems);
        ProxySetup.Check(configuration, problems);
        return problems.Count == 0 ? settings : throw new StartupException(problems);
    }
}
