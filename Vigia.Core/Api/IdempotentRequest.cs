namespace Vigia.Core.Api;

/// <summary>A request with an <c>Idempotency-Key</c> and its answer, kept for 24 hours.</summary>
public sealed class IdempotentRequest
{
    public Guid StaffId { get; init; }
    public required string Key { get; init; }

    /// <summary>HMAC of method, path with query, rights and body, under a key that is not in the master.</summary>
    public required byte[] RequestHash { get; init; }
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The attempt that holds the key.</summary>
    public Guid Attempt { get; init; }

    /// <summary>The last sign of life of the attempt. Null when it has ended.</summary>
    public DateTimeOffset? AliveAt { get; set; }

    /// <summary>The language of the answer.</summary>
    public string? Language { get; init; }

    /// <summary>
    /// The effect that the request has committed, as JSON. Null while it has committed nothing. Written in the
    /// transaction of the effect, so that it can't be done twice.
    /// </summary>
    public string? Effect { get; set; }

    /// <summary>The HTTP status of the answer. Null while the request is in progress.</summary>
    public int? Status { get; set; }

    /// <summary>
    /// Headers and body of the answer, encrypted by Data Protection, because an answer may contain a one-time link.
    /// </summary>
    public string? ProtectedAnswer { get; set; }
}
