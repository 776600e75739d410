using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.Team;

/// <summary>
/// Audit records about members of staff. Each names the person, with id and address.
/// </summary>
internal static class StaffRecord
{
    public static AuditEntry Of(string action, StaffMember member) => new(action) { After = Person(member) };

    /// <summary>A record with values before and after; values that did not change are left out.</summary>
    public static AuditEntry Change(
        string action, StaffMember member, IReadOnlyDictionary<string, object?> before,
        IReadOnlyDictionary<string, object?> after)
    {
        var changed = after.Where(pair => !Same(before.GetValueOrDefault(pair.Key), pair.Value))
            .Select(pair => pair.Key).ToList();
        return new AuditEntry(action)
        {
            Before = changed.ToDictionary(name => name, before.GetValueOrDefault),
            After = Person(member, [.. changed.Select(name => KeyValuePair.Create(name, after[name]))]),
        };
    }

    /// <summary>The person, with additional values.</summary>
    public static Dictionary<string, object?> Person(
        StaffMember member, params IReadOnlyList<KeyValuePair<string, object?>> more) =>
        new([new("member", member.FullName), new("staff_id", member.Id), new("email", member.Email), .. more]);

    private static bool Same(object? one, object? other) =>
        one is System.Collections.IEnumerable a and not string
        && other is System.Collections.IEnumerable b and not string
        ? a.Cast<object?>().SequenceEqual(b.Cast<object?>())
        : Equals(one, other);
}
