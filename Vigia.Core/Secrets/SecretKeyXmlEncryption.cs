using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;

namespace Vigia.Core.Secrets;

/// <summary>Wraps Data Protection's keys with one derived from SECRET_KEY, so that a dump of the master alone opens nothing.</summary>
internal sealed class SecretKeyXmlEncryptor(SecretKeyRing ring) : IXmlEncryptor
{
    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        return new EncryptedXmlInfo(new XElement(SecretWrapping.Element, SecretWrapping.Close(ring, plain)), typeof(SecretKeyXmlDecryptor));
    }
}

/// <summary>Opens what <see cref="SecretKeyXmlEncryptor"/> wrapped. Data Protection creates it by its type name.</summary>
internal sealed class SecretKeyXmlDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement)
    {
        var opened = SecretWrapping.Open(services.GetRequiredService<SecretKeyRing>(), encryptedElement.Value)
            ?? throw new CryptographicException("Neither SECRET_KEY nor SECRET_KEY_PREVIOUS opens this key.");
        return XElement.Parse(Encoding.UTF8.GetString(opened.Plain));
    }
}
