using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Portal.Startup;

/// <summary>
/// The protections that are on where a master is configured, unless a setting says otherwise. The private PostgreSQL is
/// for trying the portal alone, so they are off there. See docs/decisions/staff.md#d213.
/// </summary>
internal static class SafetyDefaults
{
    public static void AddSafetyDefaults(this WebApplicationBuilder builder, VigiaSettings settings) =>
        builder.Services.AddSafetyDefaults(builder.Configuration, settings);

    /// <summary>The same for a command.</summary>
    public static IServiceCollection AddSafetyDefaults(
        this IServiceCollection services, IConfiguration configuration, VigiaSettings settings)
    {
        var isOn = !settings.NeedsPrivateCluster;
        if (string.IsNullOrEmpty(
            configuration[$"{StaffOptions.Section}:{nameof(StaffOptions.RequireSecondFactor)}"]))
        {
            services.PostConfigure<StaffOptions>(options => options.RequireSecondFactor =
                isOn ? SecondFactorDemand.Administrators : SecondFactorDemand.None);
        }

        if (string.IsNullOrEmpty(
            configuration[$"{ApprovalOptions.Section}:{nameof(ApprovalOptions.HardDelete)}"]))
        {
            services.PostConfigure<ApprovalOptions>(options => options.HardDelete = isOn);
        }

        return services;
    }
}
