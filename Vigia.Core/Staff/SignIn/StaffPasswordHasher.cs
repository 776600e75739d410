using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Secrets;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.SignIn;

/// <summary>
/// Hashes passwords of staff in one form (<see cref="PasswordText"/>). A hash of an earlier build may be of another
/// form: it is tried as it was typed, and Identity then replaces it.
/// </summary>
internal sealed class StaffPasswordHasher(IOptions<PasswordHasherOptions> options)
    : PasswordHasher<StaffMember>(options)
{
    public override string HashPassword(StaffMember user, string password) =>
        base.HashPassword(user, PasswordText.Normalize(password));

    public override PasswordVerificationResult VerifyHashedPassword(
        StaffMember user, string hashedPassword, string providedPassword)
    {
        var normal = PasswordText.Normalize(providedPassword);
        var result = base.VerifyHashedPassword(user, hashedPassword, normal);
        return result == PasswordVerificationResult.Failed && normal != providedPassword
            && base.VerifyHashedPassword(user, hashedPassword, providedPassword) != PasswordVerificationResult.Failed
            ? PasswordVerificationResult.SuccessRehashNeeded : result;
    }
}
