using System.Security.Cryptography;

namespace Vigia.Core.Provisioning;

/// <summary>
/// The first administrator of a tenant has no password (facts 7.14): the bcrypt of random bytes that nobody keeps. The lowest cost is enough,
/// because 256 random bits can't be guessed at any cost, and hashing at the cost of real passwords takes 180 ms.
/// </summary>
internal static class UnusablePassword
{
    private const int LowestCost = 4;

    public static string Hash() => BCrypt.Net.BCrypt.HashPassword(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)), LowestCost);
}
