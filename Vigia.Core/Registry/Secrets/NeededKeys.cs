using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Secrets;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Secrets;

/// <summary>
/// Finds the Data Protection keys that data in the master needs. Every protected text begins with the id of its key in
/// clear text. Data Protection itself creates a new key when the old ones are missing, and everything that they
/// protected then fails one by one.
/// </summary>
public sealed class NeededKeys(IEnumerable<ProtectedTexts> protectedTexts)
{
    // A text of Data Protection begins with a magic header (4 bytes) and the id of the key (16 bytes). In base64 these
    // take 27 characters.
    private const int Beginning = 27;
    private static readonly byte[] Mark = [0x09, 0xF0, 0xC9, 0xF0];

    /// <summary>
    /// Lists the missing keys: keys that protect passwords of tenants, authenticators or pending mail, but are not
    /// among <paramref name="rows"/>.
    /// </summary>
    internal async Task<IReadOnlyList<Guid>> MissingAsync(
        MasterContext db, IEnumerable<DataProtectionKey> rows, SecretKeyRing ring, CancellationToken cancellationToken)
    {
        var beginnings = await protectedTexts.Select(texts => texts.In(db).Select(text => text.Substring(0, Beginning)))
            .Aggregate((all, texts) => all.Union(texts)).ToListAsync(cancellationToken);
        var there = rows.Select(row => SealedKeyRepository.Open(ring, row)).OfType<SecretWrapping.Unwrapped>()
            .Select(opened => (Guid?)XElement.Parse(Encoding.UTF8.GetString(opened.Plain)).Attribute("id"))
                .OfType<Guid>();
        return [.. beginnings.Select(KeyOf).OfType<Guid>().Except(there).Order()];
    }

    // Null for a text that Data Protection did not write.
    private static Guid? KeyOf(string beginning)
    {
        // Protected strings use base64url, protected bytes use base64. One more character completes the last three
        // bytes.
        var (text, bytes) = (beginning.Replace('-', '+').Replace('_', '/') + 'A', new byte[Beginning]);
        return Convert.TryFromBase64String(text, bytes, out var length) && length == 21
            && bytes.AsSpan(0, Mark.Length).SequenceEqual(Mark)
            ? new Guid(bytes.AsSpan(Mark.Length, 16)) : null;
    }
}

/// <summary>Protected texts in the master. Each feature that stores such texts registers them.</summary>
/// <param name="In">A query for the texts that are needed.</param>
public sealed record ProtectedTexts(Func<MasterContext, IQueryable<string>> In);
