namespace Vigia.Core.Api;

/// <summary>A request that carried an <c>Idempotency-Key</c>, and what was answered; kept for 24 hours.</summary>
public sealed class IdempotentRequest
{
    public Guid StaffId { get; init; }
    public required string Key { get; init; }

    /// <summary>SHA-256 over method, path with query, and body.</summary>
    public required byte[] RequestHash { get; init; }
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The HTTP status answered; null while the request is being worked on.</summary>
    public int? Status { get; set; }

    /// <summary>Headers and body of the answer, sealed by Data Protection (an answer may hold a one-time link).</summary>
    public string? ProtectedAnswer { get; set; }
}
