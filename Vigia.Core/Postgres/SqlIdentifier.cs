using System.Text;

namespace Vigia.Core.Postgres;

/// <summary>The one place where a name becomes part of an SQL text.</summary>
public static class SqlIdentifier
{
    /// <summary>NAMEDATALEN - 1: PostgreSQL cuts longer names silently, so that two of them could mean one object.</summary>
    public const int MaxBytes = 63;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Quotes <paramref name="name"/> as an identifier (PostgreSQL manual, 4.1.1).</summary>
    /// <returns>The name between double quotes, double quotes inside doubled.</returns>
    /// <exception cref="ArgumentException">The name is empty, has a NUL or a lone surrogate, or is longer than 63 bytes in UTF-8.</exception>
    public static string Quote(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException("An identifier can't contain NUL.", nameof(name));
        if (StrictUtf8.GetByteCount(name) > MaxBytes)
            throw new ArgumentException($"An identifier has at most {MaxBytes} bytes.", nameof(name));

        return $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
