using System.Diagnostics.CodeAnalysis;

namespace Vigia.Core.Staff;

/// <summary>What became of checking who signs in.</summary>
public enum CredentialOutcome
{
    Accepted,

    /// <summary>Unknown address, wrong password, disabled, or access that is over: whoever asks learns no more.</summary>
    Refused,

    /// <summary>Too many tries; told only to who knows the password.</summary>
    LockedOut,

    /// <summary>The password is right and a second factor is asked for: a code, or a passkey where the person has no authenticator.</summary>
    SecondFactorNeeded,

    /// <summary>The password is right and the code is not.</summary>
    SecondFactorWrong,

    /// <summary>The password is right, and the person has to set up a second factor before anything else (setting <c>Staff:RequireSecondFactor</c>).</summary>
    SecondFactorMissing,
}

/// <summary>The outcome, and whom it is about.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Member">Who it is; null for an address that nobody has.</param>
/// <param name="Method">As <see cref="SignInSession.Method"/> says it; null unless accepted.</param>
public sealed record CredentialCheck(CredentialOutcome Outcome, StaffMember? Member, string? Method)
{
    [MemberNotNullWhen(true, nameof(Member), nameof(Method))]
    public bool IsAccepted => Outcome == CredentialOutcome.Accepted;
}
