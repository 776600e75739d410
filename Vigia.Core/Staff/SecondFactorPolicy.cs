using Microsoft.Extensions.Options;
using Vigia.Core.Configuration;
using Vigia.Core.Master;

namespace Vigia.Core.Staff;

/// <summary>Who has to use a second factor (setting <c>Staff:RequireSecondFactor</c>), and what counts as one.</summary>
public sealed class SecondFactorPolicy(IOptions<StaffOptions> options)
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
    /// Whether a sign-in is enough for these roles. A passkey is two factors by itself (the device, and the finger or number that opens it); an
    /// identity provider has a policy of its own.
    /// </summary>
    /// <param name="method">As <see cref="SignInSession.Method"/> says it.</param>
    /// <param name="roles">The roles held.</param>
    public bool IsMetBy(string method, IReadOnlyCollection<string> roles) => method != SignInMethods.Password || !IsDemandedOf(roles);

    /// <summary>The members who have something besides a password: an authenticator, a passkey, or an identity provider.</summary>
    internal static IQueryable<Guid> IsHeldIn(MasterContext db) => from member in db.Users
                                                                   where member.TwoFactorEnabled || db.UserPasskeys.Any(p => p.UserId == member.Id) || db.UserLogins.Any(l => l.UserId == member.Id)
                                                                   select member.Id;
}

/// <summary>How a person can sign in, as <see cref="SignInSession.Method"/> and the audit trail say it.</summary>
public static class SignInMethods
{
    public const string Password = "password";
    public const string PasswordAndCode = "password+totp";
    public const string PasswordAndRecoveryCode = "password+recovery_code";
    public const string Passkey = "passkey";
    public const string Oidc = "oidc";
}
