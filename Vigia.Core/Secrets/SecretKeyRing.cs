using System.Security.Cryptography;
using System.Text;

namespace Vigia.Core.Secrets;

/// <summary>SECRET_KEY and, for an overlap, SECRET_KEY_PREVIOUS; keys for a purpose are derived by HKDF, one label per use (invariant 6).</summary>
public sealed class SecretKeyRing(string current, string? previous)
{
    /// <summary>The key for a use, derived from the current secret.</summary>
    /// <returns>32 bytes.</returns>
    public byte[] Derive(string label) => Derive(current, label);

    /// <summary>Keys that what is stored may have been written with: the current one first.</summary>
    public IEnumerable<byte[]> DeriveAll(string label) => previous is null ? [Derive(current, label)] : [Derive(current, label), Derive(previous, label)];

    private static byte[] Derive(string secret, string label) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), 32, info: Encoding.UTF8.GetBytes(label));
}
