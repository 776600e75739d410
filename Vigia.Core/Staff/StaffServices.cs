using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Decisions;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.ServiceAccounts;
using Vigia.Core.Staff.Sessions;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Team;
using Vigia.Core.Staff.Tokens;

namespace Vigia.Core.Staff;

public static class StaffServices
{
    /// <summary>Registers staff in the master (Identity). Vigia.Portal adds sign-in and cookies.</summary>
    public static IdentityBuilder AddStaff(this IServiceCollection services)
    {
        services.AddStaffSafetySettings();
        services.AddScoped<Reauthentication>();
        services.AddSingleton<RightsHistory>();
        services.AddScoped<ApiTokens>();
        services.AddSingleton<ApiTokenAuthentication>();
        services.AddScoped<StaffDirectory>();
        services.AddScoped<StaffLinks>();
        services.AddScoped<StaffRequests>();
        services.AddSingleton<StaffRequestRuns>();
        services.AddSingleton<StaffMails>();
        services.AddScoped<StaffNotices>();
        services.AddSingleton<ConsoleAdministrators>();
        services.AddScoped<StaffActions>();
        services.AddSingleton<StaffWelcome>();
        services.AddScoped<StaffChanges>();
        services.AddScoped<StaffProtection>();
        services.AddSingleton<OperationDefinition, EndStaffAccess>();
        services.AddSingleton(new RecurringJob("end_staff_access", "1 * * * *", EndStaffAccess.KindName));
        services.AddSingleton<OperationDefinition, ApplyStaffRequests>();
        services.AddSingleton(new RecurringJob("apply_staff_requests", "*/5 * * * *", ApplyStaffRequests.KindName));
        services.AddSingleton<OperationDefinition, ExpireApprovals>();
        services.AddSingleton(new RecurringJob("expire_approvals", "*/10 * * * *", ExpireApprovals.KindName));
        services.AddScoped<StaffDecisions>();
        services.AddScoped<ApprovalService>();
        services.AddSingleton(new HistoryPruning("api_tokens", PruneHistory.Kept, (db, now, most, cancellationToken) =>
            db.Set<ApiToken>().Where(t => t.Name == null && t.ExpiresAt < now - PruneHistory.Kept).Take(most)
                .ExecuteDeleteAsync(cancellationToken)));

        services.AddSingleton(new HistoryPruning(
            "service_tokens", PruneHistory.Kept, (db, now, most, cancellationToken) =>
                db.Set<ServiceToken>().Where(t => t.ExpiresAt < now - PruneHistory.Kept
                    || t.RevokedAt < now - PruneHistory.Kept).Take(most).ExecuteDeleteAsync(cancellationToken)));

        // One that was never ended is over after the longest time that the settings allow.
        services.AddSingleton(new HistoryPruning(
            "staff_sessions", PruneHistory.Kept, (db, now, most, cancellationToken) =>
                db.Set<SignInSession>().Where(s => s.EndedAt < now - PruneHistory.Kept
                    || (s.EndedAt == null && s.CreatedAt < now - (2 * PruneHistory.Kept))).Take(most)
                    .ExecuteDeleteAsync(cancellationToken)));
        services.AddSingleton<SessionGate>();
        services.AddHostedService<SessionChangeListener>();
        services.AddScoped<StaffSessions>();
        services.AddSingleton<Confirmations>();
        services.AddScoped<SignInLockout>();
        services.AddScoped<SignInThrottle>();
        services.AddScoped<KnownBrowsers>();
        services.AddSingleton<AccountMails>();
        services.AddSingleton<PasskeyChallenges>();
        services.AddSingleton(new HistoryPruning(
            "sign_in_tries", SignInThrottle.Kept, (db, now, most, cancellationToken) =>
                db.Set<SignInTry>().Where(t => t.LastAt < now - SignInThrottle.Kept
                    || (t.Failures <= SignInThrottle.Few && t.LastAt < now - SignInThrottle.KeptWithFew)).Take(most)
                    .ExecuteDeleteAsync(cancellationToken)));
        services.AddSingleton<SecondFactorStore>();
        services.AddSingleton<SecondFactorCheck>();
        services.AddSingleton<SecondFactorPolicy>();
        services.AddScoped<OwnSecondFactor>();
        services.AddScoped<OwnPasskeys>();
        services.AddScoped<OwnPassword>();
        services.AddScoped<OwnName>();
        services.AddSingleton<OidcSignIn>();
        services.AddScoped<OwnOidc>();
        services.AddScoped<StaffAccounts>();
        services.AddScoped<StaffCredentials>();
        services.AddScoped<IPasswordHasher<StaffMember>, StaffPasswordHasher>();
        services.AddSingleton<ILookupNormalizer, AddressNormalizer>();
        return services.AddIdentityCore<StaffMember>(options =>
            {
                options.User.RequireUniqueEmail = true;

                // The name is the address, which EmailAddress checks. Domains may have other letters.
                options.User.AllowedUserNameCharacters = "";

                // StaffPasswordRule decides which passwords are accepted: by length, not by kinds of characters (NIST
                // SP 800-63B 3.1.1.2).
                options.Password = new PasswordOptions
                {
                    RequiredLength = 1, RequiredUniqueChars = 1,
                    RequireDigit = false, RequireLowercase = false, RequireUppercase = false,
                    RequireNonAlphanumeric = false
                };
            })
            .AddRoles<IdentityRole<Guid>>()
            .AddEntityFrameworkStores<MasterContext>()
            .AddPasswordValidator<StaffPasswordRule>();
    }
}
