namespace Vigia.Core.Audit;

/// <summary>What an audit record says, before it gets its place in the chain.</summary>
/// <param name="Action">What was done, e.g. <c>tenant.created</c>.</param>
public sealed record AuditEntry(string Action)
{
    public int? TenantId { get; init; }
    public string? Ruc { get; init; }
    public string? Subdomain { get; init; }

    /// <summary>Changed values before, by the API's field names; never a secret.</summary>
    public IReadOnlyDictionary<string, object?>? Before { get; init; }
    public IReadOnlyDictionary<string, object?>? After { get; init; }
    public string? Reason { get; init; }
    public Guid? OperationId { get; init; }

    /// <summary>For a signed action: what signing it means, as a message code (21 CFR 11.50(a)(3)).</summary>
    public string? SignatureMeaning { get; init; }

    /// <summary>For a signed action: how the person was asked again, see <see cref="AuditEvent.SignedWith"/>.</summary>
    public string? SignedWith { get; init; }
}
