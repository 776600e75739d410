using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.Team;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>Roles, limit and last day while they are being chosen.</summary>
public sealed class AccessForm
{
    public const string EndsOnId = "access-ends";

    public HashSet<string> Roles { get; } = [];

    /// <summary>Whether the person may see only chosen tenants.</summary>
    public bool IsLimited { get; set; }

    public List<ScopedTenant> Tenants { get; } = [];

    public DayEntry EndsOn { get; set; }

    public Dictionary<string, string> Errors { get; private set; } = [];

    public bool MayBeLimited => StaffAccess.MayBeLimited(Roles);

    public bool MayEnd => StaffAccess.MayEnd(Roles);

    /// <summary>The id of the shown date field whose text is not a date; null without one.</summary>
    public string? UnreadableDay => MayEnd && EndsOn.IsUnreadable ? EndsOnId : null;

    /// <summary>A form with the current access of the member.</summary>
    public static AccessForm Of(StaffDetails details)
    {
        var form = new AccessForm
        {
            IsLimited = details.Scope is not null,
            EndsOn = details.Member.AccessEndsAt is { } end
                && details.Member.State is not (StaffState.Disabled or StaffState.AccessOver) ? LimaTime.DayOf(end)
                : null,
        };
        form.Roles.UnionWith(details.Member.Roles);
        form.Tenants.AddRange(details.Scope ?? []);
        return form;
    }

    /// <summary>Values of fields that are hidden, because the roles do not allow them, are ignored.</summary>
    public StaffAccess ToAccess() =>
        new([.. Roles], MayBeLimited && IsLimited ? [.. Tenants.Select(t => t.Id)] : null, MayEnd ? EndsOn.Day : null);

    public void Show(InvalidInputException? invalid) =>
        Errors = invalid?.Errors.ToDictionary(error => error.Key, error => error.Value[0].Render()) ?? [];

    public string? Error(string field) => Errors.GetValueOrDefault(field);

    public string Invalid(string field) => Errors.ContainsKey(field) ? "true" : "false";
}
