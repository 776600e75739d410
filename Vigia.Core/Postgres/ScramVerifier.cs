using System.Security.Cryptography;
using System.Text;

namespace Vigia.Core.Postgres;

/// <summary>
/// Creates the value that PostgreSQL stores instead of a password. It is sent in place of the password, so that no
/// password appears in a server log.
/// </summary>
public static class ScramVerifier
{
    private const int Iterations = 4096;
    private const int SaltLength = 16;

    /// <summary>
    /// Creates <c>SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey</c> (RFC 5802, section 3) with a new salt.
    /// </summary>
    /// <param name="password">
    /// Printable ASCII, which SASLprep (RFC 4013) does not change. The portal's passwords come from
    /// <see cref="PasswordGenerator"/>.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The password is empty or has a character outside printable ASCII.
    /// </exception>
    public static string Create(string password) => Create(password, Iterations);

    /// <summary>Creates a verifier that costs less, or more, than that of RFC 7677.</summary>
    /// <inheritdoc cref="Create(string)"/>
    internal static string Create(string password, int iterations) =>
        Create(password, RandomNumberGenerator.GetBytes(SaltLength), iterations);

    /// <summary>
    /// Creates the verifier with a salt that belongs to <paramref name="id"/> alone, so that it can be made again: a
    /// pooler that passes SCRAM through needs exactly the verifier that the server has, and only a superuser could read
    /// it there. A salt need not be secret, only different for each password (RFC 5802, section 3).
    /// </summary>
    /// <inheritdoc cref="Create(string)"/>
    public static string Create(string password, Guid id) =>
        Create(password, SHA256.HashData(Encoding.ASCII.GetBytes($"vigia scram {id:N}"))[..SaltLength], Iterations);

    private static string Create(string password, byte[] salt, int iterations)
    {
        ArgumentException.ThrowIfNullOrEmpty(password);
        if (password.Any(c => c is < ' ' or > '~'))
            throw new ArgumentException("Only printable ASCII passwords are supported.", nameof(password));

        var salted = Rfc2898DeriveBytes.Pbkdf2(
            password, salt, iterations, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);
        var storedKey = SHA256.HashData(HMACSHA256.HashData(salted, Encoding.ASCII.GetBytes("Client Key")));
        var serverKey = HMACSHA256.HashData(salted, Encoding.ASCII.GetBytes("Server Key"));

        return $"SCRAM-SHA-256${iterations}:{Convert.ToBase64String(salt)}"
            + $"${Convert.ToBase64String(storedKey)}:{Convert.ToBase64String(serverKey)}";
    }
}
