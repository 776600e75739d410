using Vigia.Core.Foundation.Text;
using Vigia.Core.Staff.Signatures;

namespace Vigia.Core.Staff.Team;

/// <summary>
/// The signed actions on the access of staff. Each is bound to the account and to the content.
/// </summary>
public static class StaffSigned
{
    public static SignedAction Invite(InviteStaff person) =>
        SignedAction.Of(SignedAction.StaffInvite, "",
            new
            {
                Name = SafeText.Clean(person.FullName), Email = SafeText.Clean(person.Email),
                Access = Canonical(person.Access)
            });

    public static SignedAction Access(Guid id, StaffAccess access) =>
        SignedAction.Of(SignedAction.StaffAccess, $"{id:N}", Canonical(access));

    public static SignedAction Enable(Guid id, StaffAccess access) =>
        SignedAction.Of(SignedAction.StaffEnable, $"{id:N}", Canonical(access));

    /// <summary>A new link; its mail address is signed too.</summary>
    public static SignedAction Link(Guid id, string email, string? reason) =>
        SignedAction.Of(SignedAction.StaffLink, $"{id:N}", new { Email = email, Reason = SignedAction.Reason(reason) });

    public static SignedAction ResetSecondFactor(Guid id, string? reason) =>
        SignedAction.Of(SignedAction.StaffSecondFactor, $"{id:N}", SignedAction.Reason(reason));

    public static SignedAction Disable(Guid id, string? reason) =>
        SignedAction.Of(SignedAction.StaffDisable, $"{id:N}", SignedAction.Reason(reason));

    public static SignedAction Rename(Guid id, string? name) =>
        SignedAction.Of(SignedAction.StaffRename, $"{id:N}", SafeText.Clean(name) ?? "");

    /// <summary>Signs only the account; the action has no content.</summary>
    public static SignedAction Unlock(Guid id) => new(SignedAction.StaffUnlock, $"{id:N}");

    /// <summary>Shows the one-time link of an approved request.</summary>
    public static SignedAction ShowLink(Guid approvalId) => new(SignedAction.StaffLinkShow, $"{approvalId:N}");

    // The same access gives the same text, whatever the order in which it was chosen.
    private static object Canonical(StaffAccess access) =>
        new
        {
            Roles = access.Roles.Distinct().Order(StringComparer.Ordinal),
            Tenants = access.TenantIds?.Distinct().Order(), access.EndsOn
        };
}
