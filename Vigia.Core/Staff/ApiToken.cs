namespace Vigia.Core.Staff;

/// <summary>A bearer token of the HTTP API: random and opaque, only its hash is stored.</summary>
public sealed class ApiToken
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public Guid StaffId { get; init; }

    /// <summary>What the person calls it; null for the short-lived one that signing in over the API gives.</summary>
    public string? Name { get; init; }

    /// <summary>SHA-256 of the token.</summary>
    public required byte[] TokenHash { get; init; }

    /// <summary>Its first characters, by which a person recognises it.</summary>
    public required string Prefix { get; init; }

    /// <summary>The only rights it gives, of those the person holds when it is used; null for all of them.</summary>
    public IReadOnlyList<string>? Rights { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? LastUsedAt { get; set; }
    public string? LastUsedAddress { get; set; }
    public DateTimeOffset? RevokedAt { get; set; }
}
