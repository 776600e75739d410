using System.Diagnostics.CodeAnalysis;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.SignIn;

/// <summary>Result of checking a person's credentials.</summary>
public enum CredentialOutcome
{
    Accepted,

    /// <summary>
    /// Unknown address, wrong password, disabled, or access that has ended. The person is not told which.
    /// </summary>
    Refused,

    /// <summary>
    /// The password is correct and a second factor is required: a code, or a passkey if the person has no
    /// authenticator.
    /// </summary>
    SecondFactorNeeded,

    /// <summary>The password is correct and the code is wrong.</summary>
    SecondFactorWrong,

    /// <summary>
    /// The password is correct, and the person must set up a second factor to continue (setting
    /// <c>Staff:RequireSecondFactor</c>).
    /// </summary>
    SecondFactorMissing,
}

/// <summary>The result of a check, with the member concerned.</summary>
/// <param name="Member">The member; null when no member has the address.</param>
/// <param name="Method">A value of <see cref="SignInSession.Method"/>; null unless accepted.</param>
public sealed record CredentialCheck(CredentialOutcome Outcome, StaffMember? Member, string? Method)
{
    [MemberNotNullWhen(true, nameof(Member), nameof(Method))]
    public bool IsAccepted => Outcome == CredentialOutcome.Accepted;
}
