using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;

namespace Vigia.Core.Secrets;

/// <summary>Wraps Data Protection's keys with one derived from SECRET_KEY (AES-256-GCM), so that a dump of the master alone opens nothing.</summary>
internal sealed class SecretKeyXmlEncryptor(SecretKeyRing ring) : IXmlEncryptor
{
    internal const string Label = "vigia data protection keys";

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        var nonce = RandomNumberGenerator.GetBytes(AesGcm.NonceByteSizes.MaxSize);
        var tag = new byte[AesGcm.TagByteSizes.MaxSize];
        var cipher = new byte[plain.Length];
        using var aes = new AesGcm(ring.Derive(Label), tag.Length);
        aes.Encrypt(nonce, plain, cipher, tag);
        return new EncryptedXmlInfo(new XElement("wrapped", Convert.ToBase64String([.. nonce, .. tag, .. cipher])), typeof(SecretKeyXmlDecryptor));
    }
}

/// <summary>Opens what <see cref="SecretKeyXmlEncryptor"/> wrapped. Data Protection creates it by its type name.</summary>
internal sealed class SecretKeyXmlDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement)
    {
        var bytes = Convert.FromBase64String(encryptedElement.Value);
        var nonceLength = AesGcm.NonceByteSizes.MaxSize;
        var tagLength = AesGcm.TagByteSizes.MaxSize;
        var plain = new byte[bytes.Length - nonceLength - tagLength];
        var keys = services.GetRequiredService<SecretKeyRing>().DeriveAll(SecretKeyXmlEncryptor.Label).ToList();
        for (var i = 0; ; i++)
        {
            try
            {
                using var aes = new AesGcm(keys[i], tagLength);
                aes.Decrypt(bytes.AsSpan(0, nonceLength), bytes.AsSpan(nonceLength + tagLength), bytes.AsSpan(nonceLength, tagLength), plain);
                return XElement.Parse(Encoding.UTF8.GetString(plain));
            }
            catch (AuthenticationTagMismatchException) when (i + 1 < keys.Count)
            {
                // Wrapped with the previous secret.
            }
        }
    }
}
