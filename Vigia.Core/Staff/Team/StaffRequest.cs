using System.Text.Json;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.Signatures;

namespace Vigia.Core.Staff.Team;

/// <summary>The purpose of a request about a member of staff.</summary>
public enum StaffRequestKind
{
    /// <summary>A new member who is an administrator.</summary>
    Invite,

    /// <summary>A member becomes an administrator.</summary>
    Access,

    /// <summary>A disabled administrator is enabled again.</summary>
    Enable,

    /// <summary>A new link for an administrator who did not use the first one or lost the password.</summary>
    Link,

    /// <summary>An administrator's second factor is removed.</summary>
    ResetSecondFactor,
}

/// <summary>Properties of the kinds of requests about members of staff.</summary>
public static class StaffRequestKinds
{
    /// <summary>The kind as the request stores it and as the audit trail names it.</summary>
    public static ApprovalAction Action(this StaffRequestKind kind) => kind switch
    {
        StaffRequestKind.Invite => new("staff_invite"),
        StaffRequestKind.Access => new("staff_access"),
        StaffRequestKind.Enable => new("staff_enable"),
        StaffRequestKind.Link => new("staff_link"),
        StaffRequestKind.ResetSecondFactor => new("staff_second_factor"),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>The kind of a request about a member of staff.</summary>
    public static StaffRequestKind Of(Approval approval) =>
        Enum.GetValues<StaffRequestKind>().Single(kind => kind.Action() == approval.Action);

    /// <summary>
    /// Whether it makes somebody an administrator. Only such requests may take effect by themselves after a delay.
    /// </summary>
    public static bool MakesAdministrator(this StaffRequestKind kind) =>
        kind is StaffRequestKind.Invite or StaffRequestKind.Access or StaffRequestKind.Enable;

    /// <summary>Whether the member gets a one-time link.</summary>
    public static bool GivesLink(this StaffRequestKind kind) =>
        kind is StaffRequestKind.Invite or StaffRequestKind.Link;
}

/// <summary>The content of a request about a member of staff, stored as it was signed.</summary>
public sealed record StaffRequestContent
{
    public required string FullName { get; init; }
    public required string Email { get; init; }

    /// <summary>The roles to be given; null to leave them as they are.</summary>
    public IReadOnlyList<string>? Roles { get; init; }

    /// <summary>The only tenants that the person may see; null for all.</summary>
    public IReadOnlyList<int>? TenantIds { get; init; }

    /// <summary>The last day of the access; null for no end.</summary>
    public DateOnly? EndsOn { get; init; }

    /// <summary>For <see cref="StaffRequestKind.Link"/>: whether the person had a password before.</summary>
    public bool IsRecovery { get; init; }

    internal StaffAccess Access => new(Roles ?? [], TenantIds, EndsOn);

    public static StaffRequestContent Of(Approval approval) =>
        JsonSerializer.Deserialize<StaffRequestContent>(approval.Seen)!;
}

/// <summary>An action on a member's access, before it is decided whether it can be done at once.</summary>
/// <param name="Kind">The kind of the action.</param>
/// <param name="Member">
/// The member whose access is given or changed. Null when a new person is invited. The row is locked.
/// </param>
/// <param name="Content">The content of the request.</param>
/// <param name="Reason">The reason; null if none is required.</param>
internal sealed record StaffAction(
    StaffRequestKind Kind, StaffMember? Member, StaffRequestContent Content, string? Reason)
{
    /// <summary>The signed action.</summary>
    public SignedAction Signed => Kind switch
    {
        StaffRequestKind.Invite =>
            StaffSigned.Invite(new InviteStaff(Content.FullName, Content.Email, Content.Access)),
        StaffRequestKind.Access => StaffSigned.Access(Member!.Id, Content.Access),
        StaffRequestKind.Enable => StaffSigned.Enable(Member!.Id, Content.Access),
        StaffRequestKind.Link => StaffSigned.Link(Member!.Id, Content.Email, Reason),
        _ => StaffSigned.ResetSecondFactor(Member!.Id, Reason),
    };

    /// <summary>The meaning of the signature, as a message code.</summary>
    public string Meaning =>
        Kind == StaffRequestKind.Link && Content.IsRecovery ? "sign_staff_recover" : $"sign_{Kind.Action()}";
}

/// <summary>How an action on a member's access is carried out.</summary>
public enum StaffWay
{
    /// <summary>At once: it does not concern an administrator's account.</summary>
    AtOnce,

    /// <summary>After another administrator has approved it.</summary>
    WithApproval,

    /// <summary>After 24 hours, during which all staff see it and any administrator can cancel it.</summary>
    WithDelay,

    /// <summary>Not possible in the pages, because nobody could approve it. The server's console can do it.</summary>
    Closed,
}

/// <summary>The result of an action on a member's access.</summary>
/// <param name="Link">
/// The one-time link, if there is one; <see cref="StaffLink.Token"/> is null when it goes out by mail.
/// </param>
/// <param name="Asked">The request that waits instead; null when the action was done.</param>
public sealed record StaffOutcome(StaffLink? Link, Approval? Asked)
{
    public static readonly StaffOutcome Done = new(null, null);
}
