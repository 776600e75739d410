using Microsoft.Extensions.Options;
using Vigia.Core.Configuration;
using Vigia.Core.Master;

namespace Vigia.Core.Staff;

/// <summary>Who has to use a second factor (setting <c>Staff:RequireSecondFactor</c>), and what counts as one.</summary>
public sealed class SecondFactorPolicy(IOptions<StaffOptions> options, IOptions<OidcOptions> oidc)
{
    /// <summary>Whether anybody has to.</summary>
    public bool IsOn => options.Value.RequireSecondFactor != SecondFactorDemand.None;

    /// <summary>Whether who holds these roles has to.</summary>
    public bool IsDemandedOf(IReadOnlyCollection<string> roles) => options.Value.RequireSecondFactor switch
    {
        SecondFactorDemand.Everyone => true,
        SecondFactorDemand.Administrators => roles.Contains(StaffRoles.Administrator),
        _ => false,
    };

    /// <summary>
    /// Whether a way to sign in is two factors by itself. A passkey is (the device, and the finger or number that opens it); an identity provider
    /// is when it said so of this sign-in, or when it is set to be one that always asks for two (<c>Oidc:SecondFactor</c>).
    /// </summary>
    /// <param name="method">As <see cref="SignInSession.Method"/> says it.</param>
    public bool IsTwo(string method) => method != SignInMethods.Password && (method != SignInMethods.Oidc || oidc.Value.SecondFactor);

    /// <summary>Whether a sign-in is enough for these roles.</summary>
    /// <param name="method">As <see cref="SignInSession.Method"/> says it.</param>
    /// <param name="roles">The roles held.</param>
    public bool IsMetBy(string method, IReadOnlyCollection<string> roles) => IsTwo(method) || !IsDemandedOf(roles);

    /// <summary>The members who have something besides a password: an authenticator, a passkey, or an identity provider that asks for two factors.</summary>
    internal IQueryable<Guid> IsHeldIn(MasterContext db)
    {
        var provider = oidc.Value is { IsConfigured: true, SecondFactor: true };
        return from member in db.Users
               where member.TwoFactorEnabled || db.UserPasskeys.Any(p => p.UserId == member.Id) || (provider && db.UserLogins.Any(l => l.UserId == member.Id))
               select member.Id;
    }
}

/// <summary>How a person can sign in, as <see cref="SignInSession.Method"/> and the audit trail say it.</summary>
public static class SignInMethods
{
    public const string Password = "password";
    public const string PasswordAndCode = "password+totp";
    public const string PasswordAndRecoveryCode = "password+recovery_code";
    public const string Passkey = "passkey";

    /// <summary>An identity provider, which did not say that it asked for two factors.</summary>
    public const string Oidc = "oidc";

    /// <summary>An identity provider that said so (claim <c>amr</c>, RFC 8176: <c>mfa</c>).</summary>
    public const string OidcAndFactor = "oidc+mfa";

    /// <summary>The way that a second step gives after a first one: <c>oidc</c> and then a code is <c>oidc+totp</c>.</summary>
    /// <param name="first">The first step.</param>
    /// <param name="method">What the second one is called after a password: <see cref="PasswordAndCode"/>, <see cref="PasswordAndRecoveryCode"/>.</param>
    public static string After(string first, string method) => method.StartsWith(Password + '+', StringComparison.Ordinal) ? first + method[Password.Length..] : method;
}
