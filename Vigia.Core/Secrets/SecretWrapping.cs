using System.Security.Cryptography;

namespace Vigia.Core.Secrets;

/// <summary>AES-256-GCM with a key derived from SECRET_KEY, as base64 of nonce, tag and text.</summary>
internal static class SecretWrapping
{
    /// <summary>The XML element that holds it.</summary>
    internal const string Element = "wrapped";

    private const string Label = "vigia data protection keys";
    private static readonly int NonceLength = AesGcm.NonceByteSizes.MaxSize;
    private static readonly int TagLength = AesGcm.TagByteSizes.MaxSize;

    /// <summary>What was inside, and whether SECRET_KEY itself opened it.</summary>
    internal sealed record Opened(byte[] Plain, bool WithCurrent);

    public static string Close(SecretKeyRing ring, byte[] plain)
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceLength);
        var (tag, cipher) = (new byte[TagLength], new byte[plain.Length]);
        using var aes = new AesGcm(ring.Derive(Label), TagLength);
        aes.Encrypt(nonce, plain, cipher, tag);
        return Convert.ToBase64String([.. nonce, .. tag, .. cipher]);
    }

    /// <returns>Null when neither SECRET_KEY nor SECRET_KEY_PREVIOUS opens it.</returns>
    public static Opened? Open(SecretKeyRing ring, string wrapped)
    {
        var bytes = Convert.FromBase64String(wrapped);
        var plain = new byte[bytes.Length - NonceLength - TagLength];
        var withCurrent = true;
        foreach (var key in ring.DeriveAll(Label))
        {
            using var aes = new AesGcm(key, TagLength);
            try
            {
                aes.Decrypt(bytes.AsSpan(0, NonceLength), bytes.AsSpan(NonceLength + TagLength), bytes.AsSpan(NonceLength, TagLength), plain);
                return new Opened(plain, withCurrent);
            }
            catch (AuthenticationTagMismatchException)
            {
                // With the previous secret, perhaps.
                withCurrent = false;
            }
        }

        return null;
    }
}
