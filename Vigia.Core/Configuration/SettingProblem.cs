using System.Text;

namespace Vigia.Core.Configuration;

/// <summary>A setting with a wrong value.</summary>
/// <param name="Setting">Its name as a person writes it: <c>SECRET_KEY</c>, <c>Trash:RetentionDays</c>.</param>
/// <param name="Wrong">What is wrong with the value, without repeating a secret.</param>
/// <param name="Example">A value that would do.</param>
public sealed record SettingProblem(string Setting, string Wrong, string Example)
{
    /// <summary>All of them at once, so that nobody mends one to meet the next.</summary>
    public static string Describe(IReadOnlyList<SettingProblem> problems)
    {
        var text = new StringBuilder(problems.Count == 1 ? "A setting is wrong." : $"{problems.Count} settings are wrong.");
        foreach (var problem in problems)
        {
            text.AppendLine().AppendLine();
            text.Append("  ").Append(problem.Setting).Append(": ").Append(problem.Wrong).AppendLine();
            text.Append("  example: ").Append(problem.Setting).Append('=').Append(problem.Example);
        }

        return text.ToString();
    }
}
