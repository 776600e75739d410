using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;

namespace Vigia.Tests.Browser;

/// <summary>A passkey that a test made itself: what the portal keeps of it, and what its device holds.</summary>
/// <param name="PrivateKey">Of the device, PKCS #8.</param>
/// <param name="Info">Of the portal.</param>
internal sealed record TestPasskey(byte[] PrivateKey, UserPasskeyInfo Info)
{
    public static TestPasskey Create(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = key.ExportParameters(false).Q;

        // As a COSE key (RFC 9053 section 7.1.1): elliptic curve, ES256, P-256, x, y.
        byte[] cose = [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20, .. point.X!, 0x22, 0x58, 0x20, .. point.Y!];
        var info = new UserPasskeyInfo(RandomNumberGenerator.GetBytes(16), cose, DateTimeOffset.UtcNow, 0, ["internal"], isUserVerified: true, isBackupEligible: false, isBackedUp: false, [], []) { Name = name };
        return new TestPasskey(key.ExportPkcs8PrivateKey(), info);
    }
}
