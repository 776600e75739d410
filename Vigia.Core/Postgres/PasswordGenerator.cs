using System.Security.Cryptography;

namespace Vigia.Core.Postgres;

/// <summary>
/// Generates passwords that no person types. They contain only letters and digits, so that they need no escaping in a
/// URL, a file or a shell.
/// </summary>
public static class PasswordGenerator
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Creates a random password. 43 characters of 62 carry 256 bits.</summary>
    public static string Create(int length = 43) => RandomNumberGenerator.GetString(Alphabet, length);
}
