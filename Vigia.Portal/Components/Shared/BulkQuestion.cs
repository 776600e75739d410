using System.Globalization;
using Microsoft.Extensions.Localization;
using Vigia.Core.Operations;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// Adds to a question about many tenants what the work costs, and the number to type when they are many.
/// </summary>
public static class BulkQuestion
{
    /// <summary>Up to this many tenants no number is typed.</summary>
    public const int MostUntyped = 50;

    /// <param name="count">The number of tenants that it is about.</param>
    /// <param name="newDatabases">How many databases would be made.</param>
    /// <param name="cost">About what the work costs.</param>
    public static ConfirmRequest About(
        ConfirmRequest question, int count, int newDatabases, WorkCost cost, IStringLocalizer<SharedText> t)
    {
        var many = count > MostUntyped;
        if (!many && newDatabases == 0)
        {
            return question;
        }

        List<(string Label, string Value)> costs = [(t["CostTime"], TimeWords.About(cost.Time, t))];
        if (newDatabases > 0)
        {
            costs.Insert(0, (t["CostDatabases"], newDatabases.ToString("N0", CultureInfo.CurrentCulture)));
        }

        if (cost.Bytes is { } bytes)
        {
            costs.Add((t["CostDisk"], t["About", HumanSize.Format(bytes)]));
        }

        return question with { Costs = costs, TypedCount = many ? count : null };
    }
}
