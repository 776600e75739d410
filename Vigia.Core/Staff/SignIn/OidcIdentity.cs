namespace Vigia.Core.Staff.SignIn;

/// <summary>A person's identity at an identity provider, from a validated ID token.</summary>
/// <param name="Issuer">The provider (<c>iss</c>).</param>
/// <param name="Subject">
/// The person's permanent id at the provider (<c>sub</c>). Addresses can change and be given to others; this id can't.
/// </param>
/// <param name="Email">The person's address.</param>
/// <param name="IsEmailVerified">Whether the provider has verified that the address is the person's.</param>
public sealed record OidcIdentity(string Issuer, string Subject, string? Email, bool IsEmailVerified)
{
    /// <summary>Whether the provider says that it asked for more than one factor.</summary>
    public bool HasSecondFactor { get; init; }

    /// <summary>
    /// When the person last proved to the provider who they are (<c>auth_time</c>). Null when the token does not say.
    /// </summary>
    public DateTimeOffset? AuthenticatedAt { get; init; }
}
