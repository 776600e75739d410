using System.Security.Cryptography;
using System.Text;

namespace Vigia.Core.Foundation.Secrets;

/// <summary>
/// The portal's secret (PORTAL_SECRET_KEY, else SECRET_KEY) and, while it is being replaced, the previous one. The keys
/// for each use are derived by HKDF with a label of their own.
/// </summary>
public sealed class SecretKeyRing(string current, string? previous)
{
    /// <summary>The key for a use, derived from the current secret.</summary>
    /// <returns>32 bytes.</returns>
    public byte[] Derive(string label) => Derive(current, label);

    /// <summary>The keys that stored data may have been written with. The current one comes first.</summary>
    public IEnumerable<byte[]> DeriveAll(string label) =>
        previous is null ? [Derive(current, label)] : [Derive(current, label), Derive(previous, label)];

    private static byte[] Derive(string secret, string label) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), 32,
            info: Encoding.UTF8.GetBytes(label));
}
