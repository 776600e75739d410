namespace Vigia.Core.Staff;

/// <summary>What a person would say of a member of staff.</summary>
public enum StaffState
{
    Active,

    /// <summary>Has not set a password yet.</summary>
    Invited,

    /// <summary>Too many wrong tries; passes by itself.</summary>
    Locked,

    /// <summary>The end date has passed; the recurring job disables them in a moment.</summary>
    AccessOver,
    Disabled,
}

/// <summary>A member of staff as the list shows them.</summary>
public sealed record StaffSummary
{
    public Guid Id { get; init; }
    public required string FullName { get; init; }
    public required string Email { get; init; }

    /// <summary>By name; none for who is disabled.</summary>
    public required IReadOnlyList<string> Roles { get; init; }
    public StaffState State { get; init; }

    /// <summary>Whether a code of an authenticator is asked for.</summary>
    public bool HasSecondFactor { get; init; }
    public int Passkeys { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? LastSignInAt { get; init; }
    public int OpenSessions { get; init; }
    public int LiveTokens { get; init; }
    public DateTimeOffset? AccessEndsAt { get; init; }
    public DateTimeOffset? DisabledAt { get; init; }
    public DateTimeOffset? LockedUntil { get; init; }

    /// <summary>Until when a link that has not been used works; null when there is none.</summary>
    public DateTimeOffset? LinkExpiresAt { get; init; }

    /// <summary>How many clients the person is limited to; null for all clients.</summary>
    public int? ScopeSize { get; init; }
}

/// <summary>A client that a person is limited to; the name is null once it is purged.</summary>
public sealed record ScopedTenant(int Id, string? LegalName);

/// <summary>All that the page about one member of staff shows.</summary>
/// <param name="Member">As the list has them.</param>
/// <param name="Scope">The clients they are limited to; null for all.</param>
/// <param name="Sessions">Open sign-ins, the latest first.</param>
/// <param name="Tokens">API tokens that work, the newest first.</param>
/// <param name="Grants">Roles held and when, the newest first.</param>
/// <param name="IsLastAdministrator">Nobody else could administer the portal.</param>
public sealed record StaffDetails(
    StaffSummary Member, IReadOnlyList<ScopedTenant>? Scope, IReadOnlyList<SignInSession> Sessions, IReadOnlyList<TokenSummary> Tokens, IReadOnlyList<RoleGrant> Grants,
    bool IsLastAdministrator);

/// <summary>An API token without its secret.</summary>
public sealed record TokenSummary(Guid Id, string? Name, string Prefix, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? LastUsedAt);

/// <summary>Something a person asked for that is not over yet.</summary>
/// <param name="OperationId">The operation.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Subdomain">On which client; null for none or many.</param>
public sealed record AskedFor(Guid OperationId, string Kind, string? Subdomain);

/// <summary>What a member of staff holds, told before they are disabled.</summary>
/// <param name="Sessions">Open sign-ins: they end.</param>
/// <param name="Tokens">API tokens that work: they are revoked.</param>
/// <param name="Approvals">Requests that wait for a second person: they go on waiting.</param>
/// <param name="Operations">Work that is not over: it goes on.</param>
public sealed record StaffHoldings(int Sessions, IReadOnlyList<TokenSummary> Tokens, IReadOnlyList<AskedFor> Approvals, IReadOnlyList<AskedFor> Operations);
