using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Staff.Signatures;

/// <summary>
/// An action for which a person re-authenticates. A confirmation for one action and target is not valid for another.
/// </summary>
/// <param name="Action">The action; one of the constants.</param>
/// <param name="Target">An id, and for an action with content also a digest of all that is signed.</param>
public sealed record SignedAction(string Action, string Target)
{
    public const string TenantDelete = "tenant.delete";
    public const string TenantPurge = "tenant.purge";
    public const string TenantAdopt = "tenant.adopt";
    public const string ApprovalDecide = "approval.decide";
    public const string MasterResolve = "master.resolve";
    public const string SecondFactorOn = "account.second_factor.on";
    public const string SecondFactorOff = "account.second_factor.off";
    public const string RecoveryCodesNew = "account.recovery_codes";
    public const string PasskeyAdd = "account.passkey.add";
    public const string PasskeyRemove = "account.passkey.remove";
    public const string OidcLink = "account.oidc.link";
    public const string OidcUnlink = "account.oidc.unlink";
    public const string PasswordChange = "account.password";
    public const string NameChange = "account.name";
    public const string TokenCreate = "account.token";
    public const string Unlock = "account.unlock";
    public const string StaffInvite = "staff.invite";
    public const string StaffAccess = "staff.access";
    public const string StaffEnable = "staff.enable";
    public const string StaffLink = "staff.link";
    public const string StaffSecondFactor = "staff.second_factor";
    public const string StaffDisable = "staff.disable";
    public const string StaffUnlock = "staff.unlock";
    public const string StaffRename = "staff.rename";
    public const string StaffLinkShow = "staff.link.show";
    public const string ServiceAccountCreate = "service_account.create";
    public const string ServiceAccountChange = "service_account.change";
    public const string ServiceAccountToken = "service_account.token";
    public const string InvitationReveal = "tenant.invitation.reveal";
    public const string InvitationSend = "tenant.invitation.send";

    /// <summary>
    /// An action with content: a confirmation is not valid for other content. <paramref name="target"/> is an id, or
    /// empty when the object does not exist yet. <paramref name="content"/> is all that is signed, always in the same
    /// order.
    /// </summary>
    public static SignedAction Of(string action, string target, object content) =>
        new(action,
            $"{target}:{Base64Url.EncodeToString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(content)))}");

    /// <summary>
    /// Refuses an action that is not what the person saw; null when no page showed them anything.
    /// </summary>
    /// <exception cref="RuleException"><c>confirmation_stale</c>.</exception>
    internal static void DemandSame(SignedAction? seen, SignedAction present)
    {
        if (seen is not null && seen != present)
        {
            throw new RuleException("confirmation_stale");
        }
    }

    /// <summary>A reason in the form in which it is signed and stored.</summary>
    internal static string Reason(string? reason) => reason?.Trim() ?? "";

    /// <summary>An action on the actor's own account.</summary>
    internal static SignedAction Own(string action, Actor actor) => new(action, actor.StaffId?.ToString() ?? "");
}
