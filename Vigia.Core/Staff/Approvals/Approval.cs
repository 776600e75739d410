using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.Approvals;

/// <summary>
/// A request that waits for a second person. It concerns a tenant or a member of staff. For a tenant, an operation
/// stays <c>waiting</c> until the request is decided or expires. For a member of staff (see <c>StaffRequestKind</c>),
/// only the request exists until then.
/// </summary>
[VisibleByTenant(nameof(TenantId))]
public sealed class Approval
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>The operation that waits; null for a request about a member of staff.</summary>
    public Guid? OperationId { get; init; }

    /// <summary>The subject of the request.</summary>
    public required ApprovalAction Action { get; init; }
    public int? TenantId { get; init; }

    /// <summary>
    /// The account that the request is about. Null when the request is about a tenant, or invites a new person.
    /// </summary>
    public Guid? StaffId { get; set; }
    public string? Ruc { get; init; }
    public string? Subdomain { get; init; }
    public string? LegalName { get; init; }
    public Guid RequestedBy { get; init; }
    public required string RequestedByName { get; init; }
    public DateTimeOffset RequestedAt { get; init; }
    public DateTimeOffset ExpiresAt { get; set; }

    /// <summary>
    /// When the request takes effect by itself unless somebody cancels it. Null for a request that a second person must
    /// approve.
    /// </summary>
    public DateTimeOffset? EffectiveAt { get; set; }
    public required string Reason { get; init; }

    /// <summary>As JSON: what the first person saw when asking, or the content of the request.</summary>
    public string Seen { get; init; } = "{}";
    public ApprovalState State { get; set; }
    public Guid? DecidedBy { get; set; }
    public string? DecidedByName { get; set; }
    public DateTimeOffset? DecidedAt { get; set; }
    public string? DecisionReason { get; set; }

    /// <summary>Why the request could not be carried out when it became due.</summary>
    public Message? Error { get; set; }

    /// <summary>
    /// Until when the person who asked can see the one-time link. Null when there is no link to show.
    /// </summary>
    public DateTimeOffset? LinkUntil { get; set; }

    /// <summary>Whether it is about a member of staff.</summary>
    public bool ConcernsStaff => OperationId is null;
}

[StoredInLowerCase]
public enum ApprovalState
{
    Waiting,
    Approved,
    Refused,
    Expired,

    /// <summary>
    /// Ended before a decision: the person who asked took it back or cancelled the operation, or an administrator
    /// cancelled it before it took effect.
    /// </summary>
    Withdrawn,

    /// <summary>The request became due but could no longer be carried out.</summary>
    Failed,
}
