using System.Security.Cryptography;
using System.Text;
using Vigia.Core.Foundation.Secrets;

namespace Vigia.Core.Registry.Audit;

/// <summary>
/// The keys of one chain: the HMAC key that chains its records, and the ECDSA P-256 key that signs its end. The head's
/// row contains both, wrapped with keys that are derived from the portal's secret and bound to the chain. Therefore the
/// database's owner can neither read nor replace them.
/// </summary>
internal sealed class AuditKeys : IDisposable
{
    private readonly byte[] _key;
    private readonly ECDsa _signing;
    private readonly Lock _gate = new();

    private AuditKeys(byte[] key, ECDsa signing)
    {
        (_key, _signing, PublicKey) = (key, signing, signing.ExportSubjectPublicKeyInfo());
        Fingerprint = Convert.ToHexString(SHA256.HashData(PublicKey));
    }

    /// <summary>X.509 SubjectPublicKeyInfo, derived from the private key.</summary>
    public byte[] PublicKey { get; }

    /// <summary>SHA-256 of <see cref="PublicKey"/>, in hexadecimal.</summary>
    public string Fingerprint { get; }

    /// <summary>The HMAC key, for tests that write long chains themselves.</summary>
    internal byte[] Key => _key;

    /// <summary>
    /// Creates new keys and stores them, wrapped, in <paramref name="head"/>. Its chain number and id must already be
    /// set.
    /// </summary>
    public static AuditKeys Create(AuditHead head, SecretKeyRing ring)
    {
        var (key, signing) = (RandomNumberGenerator.GetBytes(32), ECDsa.Create(ECCurve.NamedCurves.nistP256));
        var keys = new AuditKeys(key, signing);
        head.PublicKey = keys.PublicKey;
        head.WrappedKey = SecretWrapping.Wrap(ring, SecretWrapping.ChainLabel, key, Owner(head));
        head.WrappedSigningKey =
            SecretWrapping.Wrap(ring, SecretWrapping.SigningLabel, signing.ExportPkcs8PrivateKey(), Owner(head));
        return keys;
    }

    /// <returns>Null when the keys are missing or were not wrapped by this portal for this chain.</returns>
    public static AuditKeys? Open(AuditHead head, SecretKeyRing ring)
    {
        if (OpenKey(head, ring) is not { } key || OpenSigningKey(head, ring) is not { } privateKey)
        {
            return null;
        }

        var signing = ECDsa.Create();
        signing.ImportPkcs8PrivateKey(privateKey.Plain, out _);
        return new AuditKeys(key.Plain, signing);
    }

    /// <summary>Wraps the keys that only the previous secret opens with the current secret.</summary>
    /// <returns>How many of the two keys were rewrapped, and how many neither secret opens.</returns>
    public static (int Rewrapped, int Closed) Rewrap(AuditHead head, SecretKeyRing ring)
    {
        var (rewrapped, closed) = (0, 0);
        if (head.WrappedKey is not null)
        {
            head.WrappedKey = RewrapOne(OpenKey(head, ring), head.WrappedKey, SecretWrapping.ChainLabel);
        }

        if (head.WrappedSigningKey is not null)
        {
            head.WrappedSigningKey =
                RewrapOne(OpenSigningKey(head, ring), head.WrappedSigningKey, SecretWrapping.SigningLabel);
        }

        return (rewrapped, closed);

        string RewrapOne(SecretWrapping.Unwrapped? opened, string wrapped, string label)
        {
            closed += opened is null ? 1 : 0;
            if (opened is not { WithCurrent: false })
            {
                return wrapped;
            }

            rewrapped++;
            return SecretWrapping.Wrap(ring, label, opened.Plain, Owner(head));
        }
    }

    /// <summary>Computes the hash of a record from its predecessor's hash and its exact text.</summary>
    public byte[] Hash(byte[] previous, string body) =>
        HMACSHA256.HashData(_key, (byte[])[.. previous, .. Encoding.UTF8.GetBytes(body)]);

    public void Sign(AuditHead head)
    {
        lock (_gate)
        {
            head.Signature = _signing.SignData(
                head.Statement(), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
    }

    public bool IsSigned(AuditHead head) => head.Signature is { } signature && IsSigned(head.Statement(), signature);

    public bool IsSigned(byte[] statement, byte[] signature)
    {
        lock (_gate)
        {
            return _signing.VerifyData(
                statement, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
    }

    public void Dispose() => _signing.Dispose();

    private static SecretWrapping.Unwrapped? OpenKey(AuditHead head, SecretKeyRing ring) =>
        head.WrappedKey is { } wrapped ? SecretWrapping.Unwrap(ring, SecretWrapping.ChainLabel, wrapped, Owner(head))
            : null;

    private static SecretWrapping.Unwrapped? OpenSigningKey(AuditHead head, SecretKeyRing ring) =>
        head.WrappedSigningKey is { } wrapped
            ? SecretWrapping.Unwrap(ring, SecretWrapping.SigningLabel, wrapped, Owner(head)) : null;

    private static string Owner(AuditHead head) => $"{head.Chain} {head.ChainId:D}";
}
