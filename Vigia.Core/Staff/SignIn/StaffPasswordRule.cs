using Microsoft.AspNetCore.Identity;
using Vigia.Core.Foundation.Secrets;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.SignIn;

/// <summary>
/// The rule for every password of staff, also for PORTAL_ADMIN_PASSWORD: long enough and not easy to guess.
/// </summary>
internal sealed class StaffPasswordRule : IPasswordValidator<StaffMember>
{
    public Task<IdentityResult> ValidateAsync(UserManager<StaffMember> manager, StaffMember user, string? password) =>
        Task.FromResult(GuessablePasswords.Problem(password ?? "", user.Email, user.FullName) is { } problem
            ? IdentityResult.Failed(new IdentityError { Code = "password_weak", Description = problem })
            : IdentityResult.Success);
}
