using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Audit;

/// <summary>One record of the audit trail. Records are append-only and chained.</summary>
[VisibleByTenant(nameof(TenantId))]
public sealed class AuditEvent
{
    /// <summary>The place in the chain, assigned under the lock of the head row.</summary>
    public long Seq { get; init; }
    public DateTimeOffset At { get; init; }
    public Guid? ActorId { get; init; }
    public required string ActorName { get; init; }
    public string? ActorAddress { get; init; }

    /// <summary>The action, such as <c>tenant.created</c>.</summary>
    public required string Action { get; init; }
    public int? TenantId { get; init; }
    public string? Ruc { get; init; }
    public string? Subdomain { get; init; }

    /// <summary>The changed values before and after the action, as JSON text. Never a secret.</summary>
    public string? Before { get; init; }
    public string? After { get; init; }
    public string? Reason { get; init; }
    public Guid? OperationId { get; init; }
    public string? TraceId { get; init; }

    /// <summary>The name of the API token that was used. Null for the pages.</summary>
    public string? Via { get; init; }

    /// <summary>
    /// The meaning of the signature (21 CFR 11.50(a)(3)) as a message code. Null for a record that was not signed.
    /// </summary>
    public string? SignatureMeaning { get; init; }

    /// <summary>
    /// How the person signed: <c>password</c>, <c>passkey</c> or <c>oidc</c>. Null for a record that was not signed.
    /// </summary>
    public string? SignedWith { get; init; }

    /// <summary>The exact text that was hashed.</summary>
    public string Body { get; internal set; } = "";
    public required byte[] PreviousHash { get; init; }
    public byte[] Hash { get; internal set; } = [];
}
