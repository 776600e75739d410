using System.Security.Cryptography;

namespace Vigia.Core.Lifecycle.Provisioning;

/// <summary>
/// The password hash of a first administrator without a password (docs/rules.md#first-administrator): the bcrypt hash
/// of random bytes that are not kept. The lowest cost is enough, because 256 random bits can't be guessed at any cost.
/// Hashing at the cost of real passwords takes 180 ms.
/// </summary>
internal static class UnusablePassword
{
    private const int LowestCost = 4;

    public static string Hash() =>
        BCrypt.Net.BCrypt.HashPassword(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)), LowestCost);
}
