namespace Vigia.Core.Staff;

/// <summary>What a person is asked again for: a confirmation given for one action on one target is worth nothing for another.</summary>
/// <param name="Action">Which action, see the constants.</param>
/// <param name="Target">On what: an id.</param>
public sealed record SignedAction(string Action, string Target)
{
    public const string TenantDelete = "tenant.delete";
    public const string TenantPurge = "tenant.purge";
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
    public const string TokenCreate = "account.token";
    public const string Unlock = "account.unlock";

    /// <summary>Something about one's own account.</summary>
    internal static SignedAction Own(string action, Actor actor) => new(action, actor.StaffId?.ToString() ?? "");
}
