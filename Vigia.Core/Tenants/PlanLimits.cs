using Vigia.Core.Registry.Plans;

namespace Vigia.Core.Tenants;

/// <summary>A limit with two values. Null is no limit.</summary>
/// <param name="Field">The field's name in the HTTP API.</param>
/// <param name="Before">The value of the first.</param>
/// <param name="After">The value of the second.</param>
public sealed record LimitChange(string Field, long? Before, long? After);

/// <summary>The limits of tenants beside those of their plans. See docs/rules.md#plans.</summary>
public static class PlanLimits
{
    /// <summary>Replaces the limits by those of <paramref name="plan"/>.</summary>
    /// <param name="details">The values that keep everything else.</param>
    /// <param name="plan">The plan whose limits are wanted.</param>
    /// <param name="isGiven">
    /// Whether a field, by its name in the HTTP API, was given beside the plan. A limit that was given wins.
    /// </param>
    public static TenantDetails WithLimitsOf(
        this TenantDetails details, Plan plan, Func<string, bool>? isGiven = null)
    {
        bool Keeps(string field) => isGiven?.Invoke(field) == true;
        return details with
        {
            LimitIssuance = Keeps("limitar_emision") ? details.LimitIssuance : plan.LimitIssuance,
            MaxDocuments = Keeps("max_comprobantes") ? details.MaxDocuments : plan.MaxDocuments,
            MaxUsers = Keeps("max_usuarios") ? details.MaxUsers : plan.MaxUsers,
            MaxEstablishments = Keeps("max_establecimientos") ? details.MaxEstablishments : plan.MaxEstablishments,
        };
    }

    /// <summary>
    /// The limits in which two tenants differ, as they take effect: a number of documents that is not enforced is no
    /// limit.
    /// </summary>
    public static IReadOnlyList<LimitChange> LimitChanges(this TenantDetails before, TenantDetails after) =>
        [.. Limits(before).Zip(Limits(after), (one, other) => new LimitChange(one.Field, one.Limit, other.Limit))
            .Where(change => change.Before != change.After)];

    private static (string Field, long? Limit)[] Limits(TenantDetails details) =>
    [
        ("max_usuarios", details.MaxUsers),
        ("max_establecimientos", details.MaxEstablishments),
        ("max_comprobantes", details.LimitIssuance ? details.MaxDocuments : null),
    ];
}
