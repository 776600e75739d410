using System.Text;
using System.Xml;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Vigia.Core.Foundation.Secrets;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Secrets;

/// <summary>
/// Stores the keys of Data Protection in the master. Each element is wrapped as a whole, so that nobody without the
/// portal's secret can write any part of a key (dates, algorithms, key material). Data Protection itself would accept
/// an element that was never encrypted.
/// </summary>
public sealed partial class SealedKeyRepository(
    IDbContextFactory<MasterContext> contexts, SecretKeyRing ring, ILogger<SealedKeyRepository> logger) : IXmlRepository
{
    /// <summary>Returns the keys that Data Protection may use: only those that the portal's secret opens.</summary>
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var db = contexts.CreateDbContext();
        var elements = new List<XElement>();
        foreach (var key in db.Set<DataProtectionKey>().AsNoTracking().OrderBy(k => k.Id).ToList())
        {
            if (Open(ring, key) is { } opened)
            {
                elements.Add(XElement.Parse(Encoding.UTF8.GetString(opened.Plain)));
            }
            else
            {
                LogRefused(logger, key.Id, key.FriendlyName);
            }
        }

        return elements;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var db = contexts.CreateDbContext();
        db.Set<DataProtectionKey>().Add(new DataProtectionKey
        {
            FriendlyName = friendlyName,
            Xml = Wrap(ring, Encoding.UTF8.GetBytes(element.ToString(SaveOptions.DisableFormatting))),
        });
        db.SaveChanges();
    }

    internal static string Wrap(SecretKeyRing ring, byte[] plain) =>
        new XElement(SecretWrapping.Element, SecretWrapping.Wrap(ring, SecretWrapping.DataProtectionLabel, plain))
            .ToString(SaveOptions.DisableFormatting);

    /// <summary>Reads the wrapped text of a row. Null for a row that the portal did not write.</summary>
    internal static string? Wrapped(DataProtectionKey key)
    {
        try
        {
            return key.Xml is { } xml
                && XElement.Parse(xml) is { HasElements: false, HasAttributes: false, Name: var name } root
                && name == SecretWrapping.Element ? root.Value : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    internal static SecretWrapping.Unwrapped? Open(SecretKeyRing ring, DataProtectionKey key) =>
        Wrapped(key) is { } wrapped ? SecretWrapping.Unwrap(ring, SecretWrapping.DataProtectionLabel, wrapped) : null;

    [LoggerMessage(Level = LogLevel.Critical,
        Message = "Key {KeyId} ({FriendlyName}) in portal.data_protection_keys was not wrapped by this portal and "
            + "is not used. Somebody may have put it there")]
    private static partial void LogRefused(ILogger logger, int keyId, string? friendlyName);
}
