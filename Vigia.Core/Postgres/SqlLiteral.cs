using System.Text;

namespace Vigia.Core.Postgres;

/// <summary>
/// Writes string literals for statements that take no parameters (COMMENT, CREATE ROLE, …). All other statements use
/// parameters.
/// </summary>
public static class SqlLiteral
{
    private static readonly UTF8Encoding StrictUtf8 =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Quotes <paramref name="value"/> like PQescapeLiteral of libpq, so that it means the same with either value of
    /// <c>standard_conforming_strings</c>.
    /// </summary>
    /// <exception cref="ArgumentException">The value has a NUL or a lone surrogate.</exception>
    public static string Quote(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException("A literal can't contain NUL.", nameof(value));
        _ = StrictUtf8.GetByteCount(value);

        var quoted = value.Replace("'", "''", StringComparison.Ordinal);
        return value.Contains('\\', StringComparison.Ordinal)
            ? $" E'{quoted.Replace("\\", "\\\\", StringComparison.Ordinal)}'"
            : $"'{quoted}'";
    }
}
