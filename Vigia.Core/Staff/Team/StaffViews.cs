using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Core.Staff.Team;

/// <summary>The state of a member of staff, as pages show it.</summary>
public enum StaffState
{
    Active,

    /// <summary>Has not set a password yet.</summary>
    Invited,

    /// <summary>Too many wrong tries; ends by itself.</summary>
    Locked,

    /// <summary>The last day has passed; the recurring job will disable the member shortly.</summary>
    AccessOver,
    Disabled,
}

/// <summary>A member of staff as the list shows them.</summary>
public sealed record StaffSummary
{
    public Guid Id { get; init; }
    public required string FullName { get; init; }
    public required string Email { get; init; }

    /// <summary>Sorted by name; empty for a disabled member.</summary>
    public required IReadOnlyList<string> Roles { get; init; }
    public StaffState State { get; init; }

    /// <summary>Whether signing in asks for a code of the authenticator.</summary>
    public bool HasSecondFactor { get; init; }
    public int Passkeys { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? LastSignInAt { get; init; }
    public int OpenSessions { get; init; }
    public int LiveTokens { get; init; }
    public DateTimeOffset? AccessEndsAt { get; init; }
    public DateTimeOffset? DisabledAt { get; init; }
    public DateTimeOffset? LockedUntil { get; init; }

    /// <summary>Whether only browsers have to wait on which the member signed in before.</summary>
    public bool IsKnownBrowserLocked { get; init; }

    /// <summary>Until when an unused link works; null when there is none.</summary>
    public DateTimeOffset? LinkExpiresAt { get; init; }

    /// <summary>How many tenants the person is limited to; null for all tenants.</summary>
    public int? ScopeSize { get; init; }
}

/// <summary>A tenant that a person is limited to; the name is null after it was purged.</summary>
public sealed record ScopedTenant(int Id, string? LegalName);

/// <summary>The data of the page about one member of staff.</summary>
/// <param name="Member">The member as in the list.</param>
/// <param name="Scope">The tenants that the member is limited to; null for all.</param>
/// <param name="Sessions">Open sessions, the latest first.</param>
/// <param name="Tokens">Valid API tokens, the newest first.</param>
/// <param name="Grants">Roles with the time they were held, the newest first.</param>
/// <param name="IsLastAdministrator">Whether nobody else could administer the portal.</param>
/// <param name="Mail">The mail that carries the unused link; null when there is none.</param>
public sealed record StaffDetails(
    StaffSummary Member, IReadOnlyList<ScopedTenant>? Scope, IReadOnlyList<SignInSession> Sessions,
    IReadOnlyList<TokenSummary> Tokens, IReadOnlyList<RoleGrant> Grants,
    bool IsLastAdministrator, OutboxMessage? Mail);

/// <summary>An API token without its secret.</summary>
public sealed record TokenSummary(
    Guid Id, string? Name, string Prefix, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt,
    DateTimeOffset? LastUsedAt);

/// <summary>A request of a person that is not finished yet.</summary>
/// <param name="TenantName">The tenant; null for none or many.</param>
public sealed record AskedFor(Guid OperationId, OperationKind Kind, string? TenantName);

/// <summary>
/// The sessions, tokens, requests and operations of a member of staff, shown before the member is disabled.
/// </summary>
/// <param name="Sessions">Open sessions; they end.</param>
/// <param name="Tokens">Valid API tokens; they are revoked.</param>
/// <param name="Approvals">Requests that wait for a second person; they continue to wait.</param>
/// <param name="Operations">Unfinished operations; they continue.</param>
public sealed record StaffHoldings(
    int Sessions, IReadOnlyList<TokenSummary> Tokens, IReadOnlyList<AskedFor> Approvals,
    IReadOnlyList<AskedFor> Operations);
