using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Master;

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
            .AddTokenProvider<AuthenticatorTokenProvider<StaffMember>>(TokenOptions.DefaultAuthenticatorProvider)
            .AddPasswordValidator<StaffPasswordRule>();
    }
}
