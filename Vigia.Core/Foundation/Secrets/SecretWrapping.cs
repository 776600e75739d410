using System.Security.Cryptography;
using System.Text;

namespace Vigia.Core.Foundation.Secrets;

/// <summary>
/// Encrypts secrets with AES-256-GCM under a key derived from the portal's secret. The result is base64 of nonce, tag
/// and ciphertext. Every use has its own label.
/// </summary>
internal static class SecretWrapping
{
    /// <summary>The XML element that holds a wrapped element of a Data Protection key.</summary>
    internal const string Element = "wrapped";

    /// <summary>The label for the keys of Data Protection.</summary>
    internal const string DataProtectionLabel = "vigia data protection keys";

    /// <summary>The label for the key that chains the audit trail.</summary>
    internal const string ChainLabel = "vigia audit chain key";

    /// <summary>The label for the private key that signs the head of the audit trail.</summary>
    internal const string SigningLabel = "vigia audit signing key";

    private static readonly int NonceLength = AesGcm.NonceByteSizes.MaxSize;
    private static readonly int TagLength = AesGcm.TagByteSizes.MaxSize;

    /// <summary>The decrypted content, and whether the current secret opened it rather than the previous one.</summary>
    internal sealed record Unwrapped(byte[] Plain, bool WithCurrent);

    /// <param name="ring">The current and the previous secret.</param>
    /// <param name="label">The label of the use.</param>
    /// <param name="plain">The content to encrypt.</param>
    /// <param name="belongsTo">The identity of the owner. The content can't be opened under another owner.</param>
    public static string Wrap(SecretKeyRing ring, string label, byte[] plain, string belongsTo = "")
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceLength);
        var (tag, cipher) = (new byte[TagLength], new byte[plain.Length]);
        using var aes = new AesGcm(ring.Derive(label), TagLength);
        aes.Encrypt(nonce, plain, cipher, tag, Encoding.UTF8.GetBytes(belongsTo));
        return Convert.ToBase64String([.. nonce, .. tag, .. cipher]);
    }

    /// <returns>
    /// Null when neither secret opens it: it has another secret, label or owner, or the portal never wrapped it.
    /// </returns>
    public static Unwrapped? Unwrap(SecretKeyRing ring, string label, string wrapped, string belongsTo = "")
    {
        var bytes = new byte[wrapped.Length];
        if (!Convert.TryFromBase64String(wrapped, bytes, out var length) || length < NonceLength + TagLength)
        {
            return null;
        }

        var nonce = bytes.AsSpan(0, NonceLength);
        var tag = bytes.AsSpan(NonceLength, TagLength);
        var cipher = bytes.AsSpan(NonceLength + TagLength, length - NonceLength - TagLength);
        var (plain, owner, withCurrent) = (new byte[cipher.Length], Encoding.UTF8.GetBytes(belongsTo), true);
        foreach (var key in ring.DeriveAll(label))
        {
            using var aes = new AesGcm(key, TagLength);
            try
            {
                aes.Decrypt(nonce, cipher, tag, plain, owner);
                return new Unwrapped(plain, withCurrent);
            }
            catch (AuthenticationTagMismatchException)
            {
                // Try the previous secret, if there is one.
                withCurrent = false;
            }
        }

        return null;
    }
}
