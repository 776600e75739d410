namespace Vigia.Core.Audit;

/// <summary>One record of the audit trail; append-only and chained (architecture section 10).</summary>
public sealed class AuditEvent
{
    /// <summary>Its place in the chain, given under the lock of the head row.</summary>
    public long Seq { get; init; }
    public DateTimeOffset At { get; init; }
    public Guid? ActorId { get; init; }
    public required string ActorName { get; init; }
    public string? ActorAddress { get; init; }

    /// <summary>What was done, e.g. <c>tenant.created</c>.</summary>
    public required string Action { get; init; }
    public int? TenantId { get; init; }
    public string? Ruc { get; init; }
    public string? Subdomain { get; init; }

    /// <summary>Changed values before and after, as JSON text; never a secret.</summary>
    public string? Before { get; init; }
    public string? After { get; init; }
    public string? Reason { get; init; }
    public Guid? OperationId { get; init; }
    public string? TraceId { get; init; }

    /// <summary>Through what, when not through the pages: the name of an API token.</summary>
    public string? Via { get; init; }

    /// <summary>The meaning of the signature (21 CFR 11.50(a)(3)) as a message code; null for a record that was not signed.</summary>
    public string? SignatureMeaning { get; init; }

    /// <summary>What the person signed with: <c>password</c>, <c>passkey</c>, <c>oidc</c>; null for a record that was not signed.</summary>
    public string? SignedWith { get; init; }

    /// <summary>The exact text that was hashed.</summary>
    public required string Body { get; init; }
    public required byte[] PreviousHash { get; init; }
    public required byte[] Hash { get; init; }
}

/// <summary>The one row whose lock serialises appending.</summary>
public sealed class AuditHead
{
    public int Id { get; init; }
    public long Seq { get; set; }
    public byte[] Hash { get; set; } = [];

    /// <summary>The random HMAC key, wrapped by Data Protection; null until the first append.</summary>
    public string? WrappedKey { get; set; }
}
