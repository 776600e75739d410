using System.Text.Json;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.Signatures;

namespace Vigia.Core.Staff.Team;

/// <summary>The kinds of requests about members of staff, stored in <see cref="Approval.Action"/>.</summary>
public static class StaffRequestKinds
{
    /// <summary>A new member who is an administrator.</summary>
    public const string Invite = "staff_invite";

    /// <summary>A member becomes an administrator.</summary>
    public const string Access = "staff_access";

    /// <summary>A disabled administrator is enabled again.</summary>
    public const string Enable = "staff_enable";

    /// <summary>A new link for an administrator who did not use the first one or lost the password.</summary>
    public const string Link = "staff_link";

    /// <summary>An administrator's second factor is removed.</summary>
    public const string ResetSecondFactor = "staff_second_factor";

    public static readonly IReadOnlyList<string> All = [Invite, Access, Enable, Link, ResetSecondFactor];

    /// <summary>
    /// Whether it makes somebody an administrator. Only such requests may take effect by themselves after a delay.
    /// </summary>
    public static bool Makes(string kind) => kind is Invite or Access or Enable;

    /// <summary>Whether the member gets a one-time link.</summary>
    public static bool GivesLink(string kind) => kind is Invite or Link;
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

    /// <summary>For <see cref="StaffRequestKinds.Link"/>: whether the person had a password before.</summary>
    public bool IsRecovery { get; init; }

    internal StaffAccess Access => new(Roles ?? [], TenantIds, EndsOn);

    public static StaffRequestContent Of(Approval approval) =>
        JsonSerializer.Deserialize<StaffRequestContent>(approval.Seen)!;
}

/// <summary>An action on a member's access, before it is decided whether it can be done at once.</summary>
/// <param name="Kind">One of <see cref="StaffRequestKinds"/>.</param>
/// <param name="Member">
/// The member whose access is given or changed. Null when a new person is invited. The row is locked.
/// </param>
/// <param name="Content">The content of the request.</param>
/// <param name="Reason">The reason; null if none is required.</param>
internal sealed record StaffAction(string Kind, StaffMember? Member, StaffRequestContent Content, string? Reason)
{
    /// <summary>What the person signs.</summary>
    public SignedAction Signed => Kind switch
    {
        StaffRequestKinds.Invite =>
            StaffSigned.Invite(new InviteStaff(Content.FullName, Content.Email, Content.Access)),
        StaffRequestKinds.Access => StaffSigned.Access(Member!.Id, Content.Access),
        StaffRequestKinds.Enable => StaffSigned.Enable(Member!.Id, Content.Access),
        StaffRequestKinds.Link => StaffSigned.Link(Member!.Id, Content.Email, Reason),
        _ => StaffSigned.ResetSecondFactor(Member!.Id, Reason),
    };

    /// <summary>The meaning of the signature, as a message code.</summary>
    public string Meaning => MeaningOf(Kind, Content.IsRecovery);

    public static string MeaningOf(string kind, bool isRecovery) =>
        kind == StaffRequestKinds.Link && isRecovery ? "sign_staff_recover" : $"sign_{kind}";
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
