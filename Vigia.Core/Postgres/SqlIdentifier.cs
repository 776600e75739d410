using System.Text;
using Vigia.Core.Foundation.Configuration;

namespace Vigia.Core.Postgres;

/// <summary>The only place where a name becomes part of an SQL text.</summary>
public static class SqlIdentifier
{
    /// <summary>
    /// NAMEDATALEN - 1. PostgreSQL silently cuts longer names, so two different names could mean the same object.
    /// </summary>
    public const int MaxBytes = PostgresUrl.MaxNameBytes;

    private static readonly UTF8Encoding StrictUtf8 =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Quotes <paramref name="name"/> as an identifier (PostgreSQL manual, 4.1.1).</summary>
    /// <returns>The name in double quotes, with double quotes inside it doubled.</returns>
    /// <exception cref="ArgumentException">
    /// The name is empty, has a NUL or a lone surrogate, or is longer than 63 bytes in UTF-8.
    /// </exception>
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
