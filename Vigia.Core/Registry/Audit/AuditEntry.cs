namespace Vigia.Core.Registry.Audit;

/// <summary>The content of an audit record, before it gets its place in the chain.</summary>
/// <param name="Action">The action, such as <c>tenant.created</c>.</param>
public sealed record AuditEntry(string Action)
{
    public int? TenantId { get; init; }
    public string? Ruc { get; init; }
    public string? Subdomain { get; init; }

    /// <summary>The changed values before the action, by the API's field names. Never a secret.</summary>
    public IReadOnlyDictionary<string, object?>? Before { get; init; }
    public IReadOnlyDictionary<string, object?>? After { get; init; }
    public string? Reason { get; init; }
    public Guid? OperationId { get; init; }

    /// <summary>For a signed action: the meaning of the signature, as a message code (21 CFR 11.50(a)(3)).</summary>
    public string? SignatureMeaning { get; init; }

    /// <summary>
    /// For a signed action: how the person proved who they are. See <see cref="AuditEvent.SignedWith"/>.
    /// </summary>
    public string? SignedWith { get; init; }
}
