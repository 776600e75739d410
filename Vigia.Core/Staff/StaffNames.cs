using Vigia.Core.Errors;
using Vigia.Core.Text;

namespace Vigia.Core.Staff;

/// <summary>The name that the audit trail prints for ever.</summary>
internal static class StaffNames
{
    public const int Longest = 200;

    /// <summary>What is wrong with a name that has been cleaned; null when nothing is.</summary>
    public static Message? Problem(string? name) => name is null ? new Message("staff_name_required") : SafeText.Problem(name, Longest);

    /// <summary>The name, cleaned.</summary>
    /// <exception cref="InvalidInputException"><c>full_name</c>.</exception>
    public static string Demand(string? text)
    {
        var name = SafeText.Clean(text);
        return Problem(name) is { } problem ? throw new InvalidInputException("full_name", problem) : name!;
    }
}
