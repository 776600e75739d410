using Microsoft.AspNetCore.Identity;
using Vigia.Core.Foundation.Text;

namespace Vigia.Core.Staff.SignIn;

/// <summary>
/// Finds accounts by <see cref="EmailAddress.Key"/>, so that the Unicode and the ASCII form of a domain are one account
/// and have one counter of wrong tries. Names of roles are written in capitals, as Identity does it.
/// </summary>
internal sealed class AddressNormalizer : ILookupNormalizer
{
    public string? NormalizeName(string? name) => name is null ? null : EmailAddress.Key(name);

    public string? NormalizeEmail(string? email) => email is null ? null : EmailAddress.Key(email);
}
