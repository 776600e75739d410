namespace Vigia.Core.Staff.Tokens;

/// <summary>A bearer token of the HTTP API: random and opaque. Only its hash is stored.</summary>
public sealed class ApiToken
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public Guid StaffId { get; init; }

    /// <summary>The name that the person gave it; null for the short-lived token of a sign-in over the API.</summary>
    public string? Name { get; init; }

    /// <summary>SHA-256 of the token.</summary>
    public required byte[] TokenHash { get; init; }

    /// <summary>Its first characters, so that people can recognise it.</summary>
    public required string Prefix { get; init; }

    /// <summary>The rights that it is limited to, of those the person holds when it is used; null for all.</summary>
    public IReadOnlyList<string>? Rights { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? LastUsedAt { get; set; }
    public string? LastUsedAddress { get; set; }
    public DateTimeOffset? RevokedAt { get; set; }
}
