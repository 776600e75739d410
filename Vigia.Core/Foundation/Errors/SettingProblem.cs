using System.Text;

namespace Vigia.Core.Foundation.Errors;

/// <summary>A setting with a wrong value.</summary>
/// <param name="Setting">The name as a person writes it: <c>SECRET_KEY</c>, <c>Trash:RetentionDays</c>.</param>
/// <param name="Wrong">Why the value is refused. Never repeats a secret.</param>
/// <param name="Example">A valid value.</param>
public sealed record SettingProblem(string Setting, string Wrong, string Example)
{
    /// <summary>Describes all problems at once, so that a person can correct them in one go.</summary>
    public static string Describe(IReadOnlyList<SettingProblem> problems)
    {
        var text = new StringBuilder(
            problems.Count == 1 ? "A setting is wrong." : $"{problems.Count} settings are wrong.");
        foreach (var problem in problems)
        {
            text.AppendLine().AppendLine();
            text.Append("  ").Append(problem.Setting).Append(": ").Append(problem.Wrong).AppendLine();
            text.Append("  example: ").Append(problem.Setting).Append('=').Append(problem.Example);
        }

        return text.ToString();
    }
}
