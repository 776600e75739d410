using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Vigia.Core.Staff.Tokens;

/// <summary>
/// The text of a token: 256 random bits after a prefix by which secret scanners of repositories recognise it.
/// </summary>
internal static class ApiTokenText
{
    /// <summary>Prefix of a personal token.</summary>
    public const string Personal = "vgp_";

    /// <summary>Prefix of the short-lived token of a sign-in over the API.</summary>
    public const string ShortLived = "vgs_";

    /// <summary>Prefix of a token of a service account.</summary>
    public const string Service = "vga_";

    private const int RandomBytes = 32;
    private const int Length = 4 + 43;
    private const int Recognisable = 12;

    public static string New(string prefix) =>
        prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>
    /// Whether it has the form of the tokens of people. Anything else is refused without a database query.
    /// </summary>
    public static bool IsWellFormed(string? token) =>
        token is { Length: Length }
            && (token.StartsWith(Personal, StringComparison.Ordinal)
            || token.StartsWith(ShortLived, StringComparison.Ordinal)) && token.All(char.IsAscii);

    /// <summary>Whether it has the form of a token of a service account.</summary>
    public static bool IsService(string? token) =>
        token is { Length: Length } && token.StartsWith(Service, StringComparison.Ordinal) && token.All(char.IsAscii);

    /// <summary>Needs no salt and no slow function: 256 random bits can't be guessed with any hash.</summary>
    public static byte[] Hash(string token) => SHA256.HashData(Encoding.ASCII.GetBytes(token));

    /// <summary>The first characters, by which people recognise it; 208 bits stay secret.</summary>
    public static string Prefix(string token) => token[..Recognisable];
}
