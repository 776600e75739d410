using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.Team;

/// <summary>Rules for names of staff, which the audit trail prints forever.</summary>
internal static class StaffNames
{
    public const int Longest = 200;

    /// <summary>The problem of a cleaned name; null when there is none.</summary>
    public static Message? Problem(string? name) =>
        name is null ? new Message("staff_name_required")
            : SafeText.Fold(name).StartsWith("servicio:", StringComparison.Ordinal) ? new Message("staff_name_program")
            : SafeText.Problem(name, Longest);

    /// <summary>Returns the cleaned name.</summary>
    /// <exception cref="InvalidInputException"><c>full_name</c>.</exception>
    public static string Demand(string? text)
    {
        var name = SafeText.Clean(text);
        return Problem(name) is { } problem ? throw new InvalidInputException("full_name", problem) : name!;
    }

    /// <summary>
    /// Returns a message if another member, present or former, has the name. Names are unique because printed records
    /// of two people with one name can't be told apart. Case and accents do not make a name different.
    /// <paramref name="own"/> is the member who may already have the name; null when a new person is invited.
    /// </summary>
    public static async Task<Message?> FindConflictAsync(
        MasterContext db, string name, Guid? own, CancellationToken cancellationToken)
    {
        var folded = SafeText.Fold(name);
        return await db.Users.AnyAsync(s => s.Id != own && MasterContext.Fold(s.FullName) == folded, cancellationToken)
            ? new Message("staff_name_taken") : null;
    }
}
