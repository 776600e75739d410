using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Vigia.Portal.Api;

/// <summary>
/// The tags of a tenant (RFC 9110 section 8.8.3): the version of its row, and for a whole answer also a hash of it,
/// because an answer has figures that change without the row.
/// </summary>
internal static class EntityTags
{
    // Suffixes that servers in between append to the tag of an answer that they compress: Apache, Jetty and others.
    private static readonly string[] Codings = ["gzip", "br", "zstd", "deflate", "df"];

    public static string Of(uint version) => $"\"{version.ToString(CultureInfo.InvariantCulture)}\"";

    /// <summary>The tag of a whole answer.</summary>
    /// <param name="ofRow">The tag of the row.</param>
    /// <param name="answer">The answer's bytes.</param>
    public static string Of(string ofRow, ReadOnlySpan<byte> answer) =>
        $"{ofRow[..^1]}.{Convert.ToHexStringLower(SHA256.HashData(answer).AsSpan(0, 8))}\"";

    /// <summary>
    /// The tags of a condition without what servers in between made of them, or a star alone. Null if it can't be read:
    /// a star stands beside no tag and is not weak.
    /// </summary>
    public static IReadOnlyList<string>? Read(StringValues condition)
    {
        if (condition.ToString().Trim() == "*")
        {
            return ["*"];
        }

        return EntityTagHeaderValue.TryParseList(condition, out var tags) && tags.Count > 0
            && tags.All(tag => tag.Tag.Value is { Length: > 1 } text && text[0] == '"')
                ? [.. tags.Select(tag => WithoutCoding(tag.Tag.Value!))] : null;
    }

    /// <summary>The part of a tag that is about the row.</summary>
    public static string OfRow(string tag) => tag.IndexOf('.', StringComparison.Ordinal) is > 0 and var at
        ? $"{tag[..at]}\"" : tag;

    // A server that compresses makes a tag weak or appends the coding. Both name what we have sent.
    private static string WithoutCoding(string tag)
    {
        var text = tag[..^1];
        var coding = Codings.FirstOrDefault(coding => text.EndsWith($"-{coding}", StringComparison.OrdinalIgnoreCase)
            || text.EndsWith($";{coding}", StringComparison.OrdinalIgnoreCase));
        return coding is null ? tag : $"{text[..^(coding.Length + 1)].TrimEnd('-')}\"";
    }
}
