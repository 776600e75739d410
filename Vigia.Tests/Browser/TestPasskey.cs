using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;

namespace Vigia.Tests.Browser;

/// <summary>A passkey that a test created: the part that the portal stores, and the part on its device.</summary>
/// <param name="PrivateKey">The device's private key, PKCS #8.</param>
/// <param name="Info">The part that the portal stores.</param>
internal sealed record TestPasskey(byte[] PrivateKey, UserPasskeyInfo Info)
{
    public static TestPasskey Create(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = key.ExportParameters(false).Q;

        // The public key in COSE format (RFC 9053 section 7.1.1): elliptic curve, ES256, P-256, x, y.
        byte[] cose = [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20, .. point.X!, 0x22, 0x58, 0x20,
            .. point.Y!];
        var info = new UserPasskeyInfo(
            RandomNumberGenerator.GetBytes(16), cose, DateTimeOffset.UtcNow, 0, ["internal"], isUserVerified: true,
            isBackupEligible: false, isBackedUp: false, [], [])
        { Name = name };
        return new TestPasskey(key.ExportPkcs8PrivateKey(), info);
    }
}
