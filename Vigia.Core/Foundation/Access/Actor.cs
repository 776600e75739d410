using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Foundation.Access;

/// <summary>
/// The person, program or system in whose name something happens: a member of staff with the name and roles of this
/// moment, a service account, or the portal itself. It is always passed as an argument.
/// </summary>
/// <param name="StaffId">The member's id; null for a service account and for the system.</param>
/// <param name="Name">The name that the audit trail prints.</param>
/// <param name="Address">The address that the request came from. Null when there was no request.</param>
/// <param name="Roles">The roles that the actor holds.</param>
public sealed record Actor(Guid? StaffId, string Name, string? Address, IReadOnlyCollection<string> Roles)
{
    /// <summary>The portal itself, for its recurring work.</summary>
    public static readonly Actor System = new(null, "Vigia Portal", null, [StaffRoles.Administrator]);

    /// <summary>
    /// The id of the service account; null for a person and for the system. A service account has no role: its rights
    /// are those of <see cref="RightsLimit"/>, and only if they are <see cref="ServiceRights"/>.
    /// </summary>
    public Guid? ServiceAccountId { get; init; }

    /// <summary>The id of the person or of the service account; null for the system.</summary>
    public Guid? Id => StaffId ?? ServiceAccountId;

    /// <summary>
    /// The only tenants that this person may know of. Null for all. An auditor of one tenant must not see the names of
    /// its competitors.
    /// </summary>
    public IReadOnlyCollection<int>? TenantScope { get; init; }

    /// <summary>
    /// The only rights that this call may use: the rights that its API token was made for. Null for all rights of the
    /// roles. For a service account, its rights.
    /// </summary>
    public IReadOnlyCollection<string>? RightsLimit { get; init; }

    /// <summary>
    /// The name of the API token that was used, which the audit trail prints beside the actor's name. Null for the
    /// pages.
    /// </summary>
    public string? Via { get; init; }

    /// <summary>The key of the request that must not be done twice. Null when the caller gave none.</summary>
    public RequestKey? Request { get; init; }

    /// <summary>The call that has to know when it is done. Null outside of the API.</summary>
    public CallEffect? Call { get; init; }

    /// <summary>The version of the tenant that the caller has read. Null when the caller demands none.</summary>
    public TenantCondition? Condition { get; init; }

    /// <summary>
    /// The values that decide which rows the actor sees and which calls the actor may make. Two actors with the same
    /// key get the same answer to a question that is not about themselves.
    /// </summary>
    public string AccessKey =>
        $"{(ServiceAccountId is null ? "" : "service:")}{Join(Roles)}/{Join(RightsLimit)}/{Join(TenantScope)}";

    /// <summary>
    /// The sign-in or API token that the request came through. Wrong proofs are counted by it. Null for the system.
    /// </summary>
    public Guid? SignInId { get; init; }

    public bool May(string right) => ServiceAccountId is null
        ? RightsLimit?.Contains(right) != false
            && Roles.Any(role => Rights.ByRole.TryGetValue(role, out var rights) && rights.Contains(right))
        : RightsLimit?.Contains(right) == true && ServiceRights.All.Contains(right);

    /// <summary>Throws unless the actor holds <paramref name="right"/>.</summary>
    /// <exception cref="ForbiddenException">The actor does not hold the right.</exception>
    public void Demand(string right)
    {
        if (!May(right))
        {
            throw new ForbiddenException(right);
        }
    }

    private static string Join<T>(IReadOnlyCollection<T>? values) =>
        values is null ? "*" : string.Join(',', values.Order());
}
