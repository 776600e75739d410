using Vigia.Core.Errors;

namespace Vigia.Core.Staff;

/// <summary>Who acts: a member of staff as they are known at the moment of the call, or the system itself. Always passed as an argument.</summary>
/// <param name="StaffId">The member's id; null for the system.</param>
/// <param name="Name">As it is printed in the audit trail.</param>
/// <param name="Address">Where the request came from; null when there was none.</param>
/// <param name="Roles">The roles held.</param>
public sealed record Actor(Guid? StaffId, string Name, string? Address, IReadOnlyCollection<string> Roles)
{
    /// <summary>The portal's own recurring work.</summary>
    public static readonly Actor System = new(null, "Vigia Portal", null, [StaffRoles.Administrator]);

    /// <summary>The only clients this person may know of (an auditor of one client must not see competitors' names); null for all.</summary>
    public IReadOnlyCollection<int>? TenantScope { get; init; }

    /// <summary>The only rights this call may use, of those the roles give: what an API token was made for; null for all of them.</summary>
    public IReadOnlyCollection<string>? RightsLimit { get; init; }

    /// <summary>Through what, when not through the pages: the name of an API token. In the audit trail beside the name.</summary>
    public string? Via { get; init; }

    public bool May(string right) => RightsLimit?.Contains(right) != false
        && Roles.Any(role => Rights.ByRole.TryGetValue(role, out var rights) && rights.Contains(right));

    /// <summary>Refuses the call unless the actor holds <paramref name="right"/>.</summary>
    /// <exception cref="ForbiddenException">The right is not held.</exception>
    public void Demand(string right)
    {
        if (!May(right))
        {
            throw new ForbiddenException(right);
        }
    }
}
