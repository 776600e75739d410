using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Operations;

/// <summary>The result of a person's request for an operation, decided under the lock of the tenant's row.</summary>
/// <param name="Record">The audit record; tenant and operation are filled in.</param>
/// <param name="Data">The data of the operation; null for none.</param>
public sealed record TenantRequest(AuditEntry Record, object? Data = null)
{
    /// <summary>
    /// An unfinished operation that does the same already. Then nothing is queued and nothing recorded.
    /// </summary>
    public Guid? UnderWay { get; private init; }

    /// <summary>Records of what the request replaced. They come before its own.</summary>
    public IReadOnlyList<AuditEntry> Replaced { get; init; } = [];

    /// <summary>The tenant as the operation's history keeps it; null for the tenant's present names.</summary>
    public OperationTarget? Target { get; init; }

    /// <summary>A change in the same transaction that depends on the queued operation; null for none.</summary>
    public Action<Operation>? Apply { get; init; }

    /// <summary>The operation <paramref name="id"/> does the same already.</summary>
    public static TenantRequest AlreadyUnderWay(Guid id) => new(new AuditEntry("")) { UnderWay = id };
}

/// <summary>A person's request for one operation on many tenants.</summary>
/// <param name="Kind">The kind of the operation.</param>
/// <param name="Data">The data of the operation.</param>
/// <param name="Record">The audit record; the operation and the numbers of tenants are filled in.</param>
/// <param name="NothingCode">The refusal if every tenant would be skipped.</param>
public sealed record ManyTenantsRequest(OperationKind Kind, object Data, AuditEntry Record, string NothingCode)
{
    /// <summary>The refusal if an operation of this kind is queued already and only one may be.</summary>
    public string RunningCode { get; init; } = "operation_running";

    /// <summary>
    /// The database of each tenant that the person approved, if the operation is about approved ones.
    /// </summary>
    public IReadOnlyDictionary<int, string>? Databases { get; init; }
}
