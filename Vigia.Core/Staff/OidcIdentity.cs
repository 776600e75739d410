namespace Vigia.Core.Staff;

/// <summary>Who an identity provider says somebody is, from an ID token that was checked.</summary>
/// <param name="Issuer">Which provider (<c>iss</c>).</param>
/// <param name="Subject">Whom it means, for ever; addresses change and are given to others, this is not (<c>sub</c>).</param>
/// <param name="Email">Their address.</param>
/// <param name="IsEmailVerified">Whether the provider says that it has seen that the address is theirs.</param>
public sealed record OidcIdentity(string Issuer, string Subject, string? Email, bool IsEmailVerified)
{
    /// <summary>Whether the provider says that it asked for more than one factor.</summary>
    public bool HasSecondFactor { get; init; }

    /// <summary>When the person last proved to the provider who they are (<c>auth_time</c>); null when it does not say.</summary>
    public DateTimeOffset? AuthenticatedAt { get; init; }
}
