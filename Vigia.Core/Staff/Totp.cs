using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Vigia.Core.Staff;

/// <summary>
/// Time-based one-time passwords (RFC 6238) as every authenticator app makes them: HMAC-SHA-1, six digits, steps of 30 seconds. Our own and not
/// Identity's, because that one does not say which step a code was of, and a code must not work twice (RFC 6238 section 5.2).
/// </summary>
public static class Totp
{
    private const int SecretBytes = 20;
    private const int StepSeconds = 30;
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    // One step back and one ahead: telephones are some seconds off, and typing takes some.
    private const int Tolerance = 1;

    /// <summary>A new random secret of the length that RFC 4226 recommends.</summary>
    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(SecretBytes);

    /// <summary>The secret as an app takes it when it is typed: base 32 (RFC 4648) in groups of four.</summary>
    public static string Text(byte[] secret) => string.Join(' ', Encode(secret).Chunk(4).Select(group => new string(group)));

    /// <summary>The address that the QR code holds.</summary>
    /// <param name="issuer">Whose account it is for, as the app shows it.</param>
    /// <param name="account">The member's e-mail.</param>
    /// <param name="secret">The secret.</param>
    public static string Address(string issuer, string account, byte[] secret) =>
        $"otpauth://totp/{Uri.EscapeDataString(issuer)}:{Uri.EscapeDataString(account)}?secret={Encode(secret)}&issuer={Uri.EscapeDataString(issuer)}&digits=6&period=30";

    /// <summary>The step whose code this is, near <paramref name="now"/>; null when it is none's.</summary>
    internal static long? Match(byte[] secret, string digits, DateTimeOffset now)
    {
        var current = now.ToUnixTimeSeconds() / StepSeconds;
        long? found = null;
        for (var step = current - Tolerance; step <= current + Tolerance; step++)
        {
            // All of them, so that the time says nothing about which one.
            if (CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Code(secret, step)), Encoding.UTF8.GetBytes(digits)))
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
#pragma warning disable CA5350 // The algorithm that authenticator apps know; an HMAC does not suffer from SHA-1's collisions.
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
