using System.Security.Cryptography;
using System.Text;

namespace Vigia.Core.Staff.SignIn;

/// <summary>Codes for people who lost their authenticator. Each works once, and only its hash is stored.</summary>
public static class RecoveryCodes
{
    /// <summary>How many codes are created at once.</summary>
    public const int Count = 10;

    // 16 of 31 characters give 79 bits, so that a plain hash from a dump can't be found by brute force. 0, 1, i, l and
    // o are left out because people confuse them.
    private const string Signs = "23456789abcdefghjkmnpqrstuvwxyz";
    private const int Length = 16;

    /// <summary>Creates new codes in the form in which they are shown: <c>abcd-efgh-jkmn-pqrs</c>.</summary>
    internal static IReadOnlyList<string> Create() =>
        [.. Enumerable.Range(0, Count)
            .Select(_ => string.Join(
            '-', RandomNumberGenerator.GetString(Signs, Length).Chunk(4).Select(group => new string(group))))];

    /// <summary>Whether a text has the length of a recovery code rather than of an authenticator's code.</summary>
    internal static bool LooksLikeOne(string code) => Bare(code).Length == Length;

    /// <summary>The stored form of a code. Ignores spaces, hyphens and case.</summary>
    internal static string Hash(string code) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Bare(code))));

    private static string Bare(string code) => string.Concat(code.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
