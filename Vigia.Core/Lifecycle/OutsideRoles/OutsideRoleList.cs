using Vigia.Core.Registry.Databases;

namespace Vigia.Core.Lifecycle.OutsideRoles;

/// <summary>
/// The rows of outside roles at one moment. A role may have a row for each purpose, wanted or former, so every decision
/// is about a name and takes all of its rows into account.
/// </summary>
internal sealed record OutsideRoleList(IReadOnlyList<OutsideRole> Rows)
{
    /// <summary>The names of the roles that lose something: because of a purpose or altogether.</summary>
    public IReadOnlyList<string> Former => [.. Rows.Where(r => !r.IsWanted).Select(r => r.RoleName).Distinct()];

    /// <summary>The names of the roles that have access.</summary>
    public IReadOnlyList<string> Wanted => [.. Rows.Where(r => r.IsWanted).Select(r => r.RoleName).Distinct()];

    /// <summary>The role of PGBOUNCER_AUTH_ROLE; null when there is none.</summary>
    public string? Pooler =>
        Rows.FirstOrDefault(r => r is { IsWanted: true, Purpose: OutsidePurpose.Pooler })?.RoleName;

    /// <summary>Whether there is a pooler, or was one that some database may still know.</summary>
    public bool HasPooler => Rows.Any(r => r.Purpose == OutsidePurpose.Pooler);

    /// <summary>The rows as one text, to find out whether they have changed.</summary>
    public string Revision => string.Join('\n', Rows.Select(r => $"{r.Purpose} {r.IsWanted} {r.RoleName}").Order());

    /// <summary>Whether the role has access for any purpose, so that it may connect.</summary>
    public bool Wants(string role) => Rows.Any(r => r.IsWanted && r.RoleName == role);

    /// <summary>Whether the role is the product's, so that it has the rights of tenants.</summary>
    public bool WantsInGroup(string role) =>
        Rows.Any(r => r is { IsWanted: true, Purpose: OutsidePurpose.Product } && r.RoleName == role);

    /// <summary>Whether the role was the product's and is not any more.</summary>
    public bool LeavesGroup(string role) => !WantsInGroup(role)
        && Rows.Any(r => r is { IsWanted: false, Purpose: OutsidePurpose.Product } && r.RoleName == role);
}
