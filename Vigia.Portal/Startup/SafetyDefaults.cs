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
    public static void AddSafetyDefaults(this WebApplicationBuilder builder, VigiaSettings settings)
    {
        var isOn = !settings.NeedsPrivateCluster;
        if (string.IsNullOrEmpty(
            builder.Configuration[$"{StaffOptions.Section}:{nameof(StaffOptions.RequireSecondFactor)}"]))
        {
            builder.Services.PostConfigure<StaffOptions>(options => options.RequireSecondFactor =
                isOn ? SecondFactorDemand.Administrators : SecondFactorDemand.None);
        }

        if (string.IsNullOrEmpty(
            builder.Configuration[$"{ApprovalOptions.Section}:{nameof(ApprovalOptions.HardDelete)}"]))
        {
            builder.Services.PostConfigure<ApprovalOptions>(options => options.HardDelete = isOn);
        }
    }
}
