using System.Text;

namespace Vigia.Core.Foundation.Secrets;

/// <summary>
/// The form in which a password is hashed and checked. Keyboards and systems type the same letter as different code
/// points: ñ is one on Windows and two on some Macs. NFKC makes them equal (NIST SP 800-63B section 3.1.1.2).
/// </summary>
public static class PasswordText
{
    /// <summary>The password in NFKC. Text that is not well-formed Unicode has no such form and stays.</summary>
    public static string Normalize(string password)
    {
        try
        {
            return password.Normalize(NormalizationForm.FormKC);
        }
        catch (ArgumentException)
        {
            return password;
        }
    }
}
