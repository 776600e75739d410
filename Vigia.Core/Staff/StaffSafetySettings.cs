using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Core.Staff;

/// <summary>The settings of sign-ins and approvals that protect.</summary>
internal static class StaffSafetySettings
{
    private static readonly StaffOptions Default = new();

    public static IServiceCollection AddStaffSafetySettings(this IServiceCollection services)
    {
        services.AddSafetySetting<StaffOptions>(
            "Staff:RequireSecondFactor", staff => staff.RequireSecondFactor,
            staff => staff.RequireSecondFactor == SecondFactorDemand.None
                ? "a stolen password of an administrator is enough to sign in" : null);
        services.AddSafetySetting<StaffOptions>(
            "Staff:FailedSignInsPerAccount", staff => staff.FailedSignInsPerAccount,
            staff => SafetySetting.Guessed(staff.FailedSignInsPerAccount, Default.FailedSignInsPerAccount));
        services.AddSafetySetting<StaffOptions>(
            "Staff:FailedSignInsPerAddress", staff => staff.FailedSignInsPerAddress,
            staff => SafetySetting.Guessed(staff.FailedSignInsPerAddress, Default.FailedSignInsPerAddress));
        services.AddSafetySetting<StaffOptions>(
            "Staff:SignInsPerMinuteAndAddress", staff => staff.SignInsPerMinuteAndAddress);
        services.AddSafetySetting<StaffOptions>("Staff:LockAfterMinutes", staff => staff.LockAfterMinutes);
        services.AddSafetySetting<StaffOptions>("Staff:SessionHours", staff => staff.SessionHours);
        services.AddSafetySetting<ApprovalOptions>(
            "Approvals:HardDelete", approvals => approvals.HardDelete,
            approvals => approvals.HardDelete ? null : "one person alone can move a production tenant to the trash");
        services.AddSafetySetting<ApprovalOptions>(
            "Approvals:ExpireAfterHours", approvals => approvals.ExpireAfterHours);

        // A person who controls the provider or its claims can sign in as any member of staff.
        services.AddSafetySetting<OidcOptions>("Oidc:Authority", oidc => oidc.Authority);
        services.AddSafetySetting<OidcOptions>("Oidc:ClientId", oidc => oidc.ClientId);
        services.AddSafetySetting<OidcOptions>("Oidc:EmailClaim", oidc => oidc.EmailClaim);
        services.AddSafetySetting<OidcOptions>("Oidc:EmailVerifiedClaim", oidc => oidc.EmailVerifiedClaim);
        return services.AddSafetySetting<OidcOptions>(
            "Oidc:SecondFactor", oidc => oidc.SecondFactor,
            oidc => oidc is { IsConfigured: true, SecondFactor: true }
                ? "a sign-in by the provider counts as two factors, whether it asked for two or not" : null);
    }
}
