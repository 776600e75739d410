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

    public bool May(string right) => Roles.Any(role => Rights.ByRole.TryGetValue(role, out var rights) && rights.Contains(right));

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
