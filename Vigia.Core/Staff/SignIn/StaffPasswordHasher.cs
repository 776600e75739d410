using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.SignIn;

/// <summary>
/// Hashes passwords in one Unicode form (NFC). Keyboards and systems write ñ as one code point or as two, and a person
/// can't see which. Hashes that are older than this rule are of the text as it was typed, so that is tried once too; a
/// hit is hashed anew.
/// </summary>
internal sealed class StaffPasswordHasher(IOptions<PasswordHasherOptions> options) :
    PasswordHasher<StaffMember>(options)
{
    public override string HashPassword(StaffMember user, string password) =>
        base.HashPassword(user, SafeText.Normalize(password));

    public override PasswordVerificationResult VerifyHashedPassword(
        StaffMember user, string hashedPassword, string providedPassword)
    {
        var normal = SafeText.Normalize(providedPassword);
        var result = base.VerifyHashedPassword(user, hashedPassword, normal);
        if (result != PasswordVerificationResult.Failed || normal == providedPassword)
        {
            return result;
        }

        return base.VerifyHashedPassword(user, hashedPassword, providedPassword) == PasswordVerificationResult.Failed
            ? PasswordVerificationResult.Failed : PasswordVerificationResult.SuccessRehashNeeded;
    }
}
