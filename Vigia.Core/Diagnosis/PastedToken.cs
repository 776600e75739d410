using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.TenantSide;

namespace Vigia.Core.Diagnosis;

/// <summary>
/// The content of a token that a person pasted. Only the claims that a diagnosis names are kept, never the token.
/// </summary>
internal sealed record PastedToken
{
    /// <summary>Why the token is refused, whatever it says. Null when it is not.</summary>
    public Message? Problem { get; private init; }

    /// <summary>The claim <c>tenant</c>. Null when there is none, or when the signature is not ours.</summary>
    public string? Tenant { get; private init; }

    /// <summary>When it was issued, as the API reads it. Null when the token is refused.</summary>
    public DateTimeOffset? IssuedAt { get; private init; }

    /// <summary>Reads a token. Whether it is accepted, the reader of the API decides; this one says why not.</summary>
    public static async Task<PastedToken> ReadAsync(
        string text, TenantTokens tokens, VigiaSettings settings, DateTimeOffset now)
    {
        var pasted = Read(text, settings, now);
        return pasted.Problem is not null ? pasted
            : await tokens.ReadAsync(text) is { } claims ? pasted with { IssuedAt = claims.IssuedAt }
            : pasted with { Problem = new Message("diag_token_claims") };
    }

    private static PastedToken Read(string text, VigiaSettings settings, DateTimeOffset now)
    {
        try
        {
            return ReadParts(text.Split('.'), settings, now);
        }
        catch (InvalidOperationException)
        {
            // The JSON has half a surrogate pair, which .NET can't read.
            return new() { Problem = new Message("diag_token_unreadable") };
        }
    }

    private static PastedToken ReadParts(string[] parts, VigiaSettings settings, DateTimeOffset now)
    {
        if (parts.Length != 3 || !Array.TrueForAll(parts, part => Base64Url.IsValid(part))
            || ObjectIn(parts[0]) is not { } header || ObjectIn(parts[1]) is not { } claims)
        {
            return new() { Problem = new Message("diag_token_unreadable") };
        }

        if (TextIn(header, "alg") != "HS256")
        {
            return new() { Problem = new Message("diag_token_algorithm") };
        }

        if (!IsSigned(parts, settings))
        {
            return new() { Problem = new Message("diag_token_signature") };
        }

        var (tenant, ends) = (TextIn(claims, "tenant"), MomentIn(claims, "exp"));
        return new()
        {
            Tenant = tenant,
            Problem = ends is null ? new Message("diag_token_unreadable")
                : ends <= now ? new Message("diag_token_expired", LimaTime.Argument(ends.Value)) : null,
        };
    }

    private static bool IsSigned(string[] parts, VigiaSettings settings)
    {
        var signed = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
        var signature = Base64Url.DecodeFromChars(parts[2]);
        return new[] { settings.SecretKey, settings.SecretKeyPrevious }.OfType<string>().Any(
            key => CryptographicOperations.FixedTimeEquals(
                HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), signed), signature));
    }

    private static JsonElement? ObjectIn(string part)
    {
        try
        {
            var json = JsonElement.Parse(Base64Url.DecodeFromChars(part));
            return json.ValueKind == JsonValueKind.Object ? json : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? TextIn(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // Python's libraries write seconds as whole numbers or with a fraction.
    private static DateTimeOffset? MomentIn(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            && value.TryGetDouble(out var seconds) && seconds is > 0 and < 253_402_300_799
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1_000)) : null;
}
