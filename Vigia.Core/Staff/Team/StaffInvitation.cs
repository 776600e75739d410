namespace Vigia.Core.Staff.Team;

/// <summary>
/// The one-time link with which a member of staff sets a first or a new password. Only its hash is stored.
/// </summary>
public sealed class StaffInvitation
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public Guid StaffId { get; init; }

    /// <summary>SHA-256 of the token.</summary>
    public required byte[] TokenHash { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public Guid? CreatedBy { get; init; }
    public required string CreatedByName { get; init; }
    public DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? UsedAt { get; set; }
    public DateTimeOffset? RevokedAt { get; set; }
}
