using Microsoft.AspNetCore.Identity;
using Vigia.Core.Configuration;

namespace Vigia.Core.Staff;

/// <summary>One rule for every password of staff, the one that also checks PORTAL_ADMIN_PASSWORD: long enough, and not one that is guessed first.</summary>
internal sealed class StaffPasswordRule : IPasswordValidator<StaffMember>
{
    public Task<IdentityResult> ValidateAsync(UserManager<StaffMember> manager, StaffMember user, string? password) =>
        Task.FromResult(CommonPasswords.Problem(password ?? "", user.Email) is { } problem
            ? IdentityResult.Failed(new IdentityError { Code = "password_weak", Description = problem })
            : IdentityResult.Success);
}
