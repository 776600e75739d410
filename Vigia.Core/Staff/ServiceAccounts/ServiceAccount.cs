using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.ServiceAccounts;

/// <summary>
/// An identity for a program. It signs in nowhere and has no role: it calls the HTTP API with tokens of its own. Rows
/// are never deleted, so that a name in the audit trail always means the same program.
/// </summary>
public sealed class ServiceAccount
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Its name, which never changes.</summary>
    public required string Name { get; init; }

    /// <summary>The purpose for which the program uses it.</summary>
    public required string Purpose { get; set; }

    /// <summary>
    /// The two members of staff who are responsible for it. It stops working when both have left.
    /// </summary>
    public Guid FirstOwnerId { get; set; }
    public Guid SecondOwnerId { get; set; }

    /// <summary>Some of <see cref="Foundation.Access.ServiceRights.All"/>.</summary>
    public required IReadOnlyList<string> Rights { get; set; }

    /// <summary>The networks from which its tokens work, in the form of <see cref="SourceNetworks"/>.</summary>
    public required IReadOnlyList<string> Networks { get; set; }

    /// <summary>The only tenants that it may know of; null for all.</summary>
    public IReadOnlyList<int>? TenantIds { get; set; }

    /// <summary>When it stops working.</summary>
    public DateTimeOffset EndsAt { get; set; }
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When a person ended it. This is final.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>The name that the audit trail prints. No person's name looks like this.</summary>
    public static string ActorNameOf(string name) => $"servicio:{name}";

    /// <summary>Whether a member of staff has not left: only such a member can be an owner.</summary>
    internal static IQueryable<StaffMember> Present(MasterContext db, DateTimeOffset now) =>
        db.Users.Where(s => s.DisabledAt == null && (s.AccessEndsAt == null || s.AccessEndsAt > now));
}

/// <summary>A bearer token of a service account: random and opaque. Only its hash is stored.</summary>
public sealed class ServiceToken
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public Guid AccountId { get; init; }

    /// <summary>SHA-256 of the token.</summary>
    public required byte[] TokenHash { get; init; }

    /// <summary>Its first characters, so that people can recognise it.</summary>
    public required string Prefix { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? LastUsedAt { get; set; }
    public string? LastUsedAddress { get; set; }

    /// <summary>When it was last refused because the request came from none of the account's networks.</summary>
    public DateTimeOffset? RefusedAt { get; set; }
    public string? RefusedAddress { get; set; }
    public DateTimeOffset? RevokedAt { get; set; }
}
