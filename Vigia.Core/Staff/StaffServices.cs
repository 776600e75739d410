using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Master;
using Vigia.Core.Operations;

namespace Vigia.Core.Staff;

public static class StaffServices
{
    /// <summary>Staff in the master (Identity); the portal adds sign-in and cookies.</summary>
    public static IdentityBuilder AddStaff(this IServiceCollection services)
    {
        services.AddSingleton<Reauthentication>();
        services.AddSingleton<RightsHistory>();
        services.AddSingleton<ApiTokens>();
        services.AddSingleton<ApiTokenAuthentication>();
        services.AddSingleton<StaffDirectory>();
        services.AddSingleton<StaffLinks>();
        services.AddSingleton<StaffWelcome>();
        services.AddSingleton<StaffChanges>();
        services.AddSingleton<StaffSafety>();
        services.AddSingleton<OperationDefinition, EndStaffAccess>();
        services.AddSingleton(new RecurringJob("end_staff_access", "1 * * * *", EndStaffAccess.KindName));
        services.AddSingleton<SessionGate>();
        services.AddHostedService<SessionNews>();
        services.AddSingleton<StaffSessions>();
        services.AddSingleton<Confirmations>();
        services.AddSingleton<StaffLockout>();
        services.AddSingleton<SecondFactorStore>();
        services.AddSingleton<SecondFactorCheck>();
        services.AddSingleton<SecondFactorPolicy>();
        services.AddSingleton<OwnSecondFactor>();
        services.AddSingleton<OwnPasskeys>();
        services.AddSingleton<OwnPassword>();
        services.AddSingleton<OidcSignIn>();
        services.AddSingleton<OwnOidc>();
        services.AddScoped<StaffAccounts>();
        services.AddScoped<StaffCredentials>();
        return services.AddIdentityCore<StaffMember>(options =>
            {
                options.User.RequireUniqueEmail = true;

                // What makes a password good is StaffPasswordRule's to say: length, not kinds of characters (NIST SP 800-63B 3.1.1.2).
                options.Password = new PasswordOptions { RequiredLength = 1, RequiredUniqueChars = 1, RequireDigit = false, RequireLowercase = false, RequireUppercase = false, RequireNonAlphanumeric = false };
                options.Lockout.MaxFailedAccessAttempts = 5;
                options.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(15);
            })
            .AddRoles<IdentityRole<Guid>>()
            .AddEntityFrameworkStores<MasterContext>()
            .AddPasswordValidator<StaffPasswordRule>();
    }
}
