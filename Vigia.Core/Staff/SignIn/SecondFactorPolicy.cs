using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.SignIn;

/// <summary>
/// Decides who must use a second factor (setting <c>Staff:RequireSecondFactor</c>), and what counts as one.
/// </summary>
public sealed class SecondFactorPolicy(IOptions<StaffOptions> options, IOptions<OidcOptions> oidc)
{
    /// <summary>Whether anybody must use a second factor.</summary>
    public bool IsOn => options.Value.RequireSecondFactor != SecondFactorDemand.None;

    /// <summary>Whether a person with these roles must use a second factor.</summary>
    public bool IsDemandedOf(IReadOnlyCollection<string> roles) => options.Value.RequireSecondFactor switch
    {
        SecondFactorDemand.Everyone => true,
        SecondFactorDemand.Administrators => roles.Contains(StaffRoles.Administrator),
        _ => false,
    };

    /// <summary>
    /// Whether a sign-in method (a value of <see cref="SignInSession.Method"/>) is two factors by itself. A passkey is:
    /// the device, and the fingerprint or PIN that unlocks it. An identity provider is if it reported two factors for
    /// this sign-in, or if the setting <c>Oidc:SecondFactor</c> says that it always asks for two.
    /// </summary>
    public bool IsTwo(string method) =>
        method != SignInMethods.Password && (method != SignInMethods.Oidc || oidc.Value.SecondFactor);

    /// <summary>
    /// Whether a sign-in with this method (a value of <see cref="SignInSession.Method"/>) is enough for these roles.
    /// </summary>
    public bool IsMetBy(string method, IReadOnlyCollection<string> roles) => IsTwo(method) || !IsDemandedOf(roles);

    /// <summary>
    /// The members who have more than a password: an authenticator, a passkey, or an account at an identity provider
    /// that asks for two factors.
    /// </summary>
    internal IQueryable<Guid> IsHeldIn(MasterContext db)
    {
        var provider = oidc.Value is { IsConfigured: true, SecondFactor: true };
        return from member in db.Users
               where member.TwoFactorEnabled || db.UserPasskeys.Any(p => p.UserId == member.Id)
                   || (provider && db.UserLogins.Any(l => l.UserId == member.Id))
               select member.Id;
    }
}

/// <summary>The sign-in methods, as stored in <see cref="SignInSession.Method"/> and the audit trail.</summary>
public static class SignInMethods
{
    public const string Password = "password";
    public const string PasswordAndCode = "password+totp";
    public const string PasswordAndRecoveryCode = "password+recovery_code";
    public const string Passkey = "passkey";

    /// <summary>An identity provider that did not report two factors.</summary>
    public const string Oidc = "oidc";

    /// <summary>An identity provider that reported two factors (claim <c>amr</c>, RFC 8176: <c>mfa</c>).</summary>
    public const string OidcAndFactor = "oidc+mfa";

    /// <summary>The first steps that a code may follow.</summary>
    internal static readonly string[] BeforeCode = [Password, Oidc];

    /// <summary>
    /// Combines two steps into one method: <c>oidc</c> and then a code gives <c>oidc+totp</c>.
    /// <paramref name="method"/> is the second step's method after a password, such as <see cref="PasswordAndCode"/>.
    /// </summary>
    public static string After(string first, string method) =>
        method.StartsWith(Password + '+', StringComparison.Ordinal) ? first + method[Password.Length..] : method;
}
