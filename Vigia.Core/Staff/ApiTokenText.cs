using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Vigia.Core.Staff;

/// <summary>A token as its holder has it: 256 random bits behind a prefix that tells scanners of repositories what they found.</summary>
internal static class ApiTokenText
{
    /// <summary>Of a personal token.</summary>
    public const string Personal = "vgp_";

    /// <summary>Of the short-lived one that signing in over the API gives.</summary>
    public const string ShortLived = "vgs_";

    private const int RandomBytes = 32;
    private const int Length = 4 + 43;
    private const int Recognisable = 12;

    public static string New(string prefix) => prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>Whether it has the form of one of ours: anything else is refused without asking the database.</summary>
    public static bool IsWellFormed(string? token) =>
        token is { Length: Length } && (token.StartsWith(Personal, StringComparison.Ordinal) || token.StartsWith(ShortLived, StringComparison.Ordinal)) && token.All(char.IsAscii);

    /// <summary>No salt and no slow function: 256 random bits can't be guessed, whatever the hash.</summary>
    public static byte[] Hash(string token) => SHA256.HashData(Encoding.ASCII.GetBytes(token));

    /// <summary>The first characters, by which a person recognises it; 208 bits stay unknown.</summary>
    public static string Prefix(string token) => token[..Recognisable];
}
