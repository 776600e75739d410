using System.Security.Cryptography;
using System.Text;

namespace Vigia.Core.Staff;

/// <summary>Codes on paper for who has lost the telephone: each works once, and only its hash is stored.</summary>
public static class RecoveryCodes
{
    /// <summary>How many are given at once.</summary>
    public const int Count = 10;

    // 16 signs of 31: 79 bits, so that a plain hash can't be tried through by who holds a dump. Without 0, 1, i, l and o, which are mistaken for each other.
    private const string Signs = "23456789abcdefghjkmnpqrstuvwxyz";
    private const int Length = 16;

    /// <summary>New codes, as they are shown: <c>abcd-efgh-jkmn-pqrs</c>.</summary>
    internal static IReadOnlyList<string> Create() =>
        [.. Enumerable.Range(0, Count).Select(_ => string.Join('-', RandomNumberGenerator.GetString(Signs, Length).Chunk(4).Select(group => new string(group))))];

    /// <summary>Whether a text has the length of a recovery code rather than of an authenticator's.</summary>
    internal static bool LooksLikeOne(string code) => Bare(code).Length == Length;

    /// <summary>What is stored; spaces, hyphens and capitals make no difference.</summary>
    internal static string Hash(string code) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Bare(code))));

    private static string Bare(string code) => string.Concat(code.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
