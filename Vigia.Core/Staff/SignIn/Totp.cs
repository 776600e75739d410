using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Vigia.Core.Staff.SignIn;

/// <summary>
/// Time-based one-time passwords (RFC 6238) as all authenticator apps make them: HMAC-SHA-1, six digits, steps of 30
/// seconds. Identity's implementation does not return the step of a code, which is needed because a code must not work
/// twice (RFC 6238 section 5.2).
/// </summary>
public static class Totp
{
    private const int SecretBytes = 20;
    private const int StepSeconds = 30;
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    // Accepts one step before and one after: phone clocks differ by some seconds, and typing takes time.
    private const int Tolerance = 1;

    /// <summary>A new random secret of the length that RFC 4226 recommends.</summary>
    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(SecretBytes);

    /// <summary>The secret in the form that people type into an app: base 32 (RFC 4648) in groups of four.</summary>
    public static string Text(byte[] secret) =>
        string.Join(' ', Encode(secret).Chunk(4).Select(group => new string(group)));

    /// <summary>
    /// The URI for the QR code. <paramref name="issuer"/> is the name that the app shows; <paramref name="account"/> is
    /// the member's e-mail address.
    /// </summary>
    public static string Address(string issuer, string account, byte[] secret) =>
        $"otpauth://totp/{Uri.EscapeDataString(issuer)}:{Uri.EscapeDataString(account)}"
        + $"?secret={Encode(secret)}&issuer={Uri.EscapeDataString(issuer)}&digits=6&period=30";

    /// <summary>The step near <paramref name="now"/> that has this code; null when none has.</summary>
    internal static long? Match(byte[] secret, string digits, DateTimeOffset now)
    {
        var current = now.ToUnixTimeSeconds() / StepSeconds;
        long? found = null;
        for (var step = current - Tolerance; step <= current + Tolerance; step++)
        {
            // Compares with all steps, so that the duration does not reveal which one matched.
            if (CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(Code(secret, step)), Encoding.UTF8.GetBytes(digits)))
            {
                found = step;
            }
        }

        return found;
    }

    /// <summary>The six digits of a step (RFC 4226 section 5.3).</summary>
    internal static string Code(byte[] secret, long step)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
#pragma warning disable CA5350 // Authenticator apps use SHA-1. SHA-1's collisions do not weaken an HMAC.
        HMACSHA1.HashData(secret, counter, hash);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(hash[(hash[^1] & 0x0f)..]) & 0x7fffffff;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    private static string Encode(byte[] secret)
    {
        var text = new StringBuilder();
        var (bits, held) = (0, 0);
        foreach (var value in secret)
        {
            (bits, held) = ((bits << 8) | value, held + 8);
            for (; held >= 5; held -= 5)
            {
                text.Append(Base32[(bits >> (held - 5)) & 31]);
            }

            bits &= (1 << held) - 1;
        }

        return held == 0 ? text.ToString() : text.Append(Base32[(bits << (5 - held)) & 31]).ToString();
    }
}
