using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace Vigia.Core.Registry.Secrets;

/// <summary>
/// Does not encrypt a key, because <see cref="SealedKeyRepository"/> wraps the element that contains it.
/// </summary>
internal sealed class PartOfSealedElement : IXmlEncryptor, IXmlDecryptor
{
    public EncryptedXmlInfo Encrypt(XElement plaintextElement) =>
        new(new XElement("inside", plaintextElement), typeof(PartOfSealedElement));

    public XElement Decrypt(XElement encryptedElement) => new(encryptedElement.Elements().Single());
}
