using Microsoft.Extensions.Localization;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Staff.Team;

namespace Vigia.Portal.Components.Team;

/// <summary>Texts for roles, rights, devices and sign-in methods.</summary>
public static class TeamWords
{
    private static readonly (string Mark, string Name)[] Browsers =
        [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];

    private static readonly (string Mark, string Name)[] Systems =
        [("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS X", "macOS"),
            ("Linux", "Linux")];

    public static string Role(string role, IStringLocalizer<TeamText> t) => Word("Role_", role, t);

    public static string Roles(IEnumerable<string> roles, IStringLocalizer<TeamText> t) =>
        string.Join(" · ", roles.Select(role => Role(role, t)));

    public static string Right(string right, IStringLocalizer<TeamText> t) => Word("Right_", right, t);

    /// <summary>
    /// Sorts rights as in the table of rights, grouped by their object. Rights of an older release that this one does
    /// not know come last.
    /// </summary>
    public static IEnumerable<string> InOrder(IEnumerable<string> rights) =>
        rights.OrderBy(right => Rights.All.Contains(right) ? 0 : 1).ThenBy(right => Rights.All.ToList().IndexOf(right))
            .ThenBy(right => right, StringComparer.Ordinal);

    /// <summary>The text for a sign-in method.</summary>
    public static string Method(string method, IStringLocalizer<TeamText> t) => Word("Method_", method, t);

    /// <summary>The name of a browser, shortened to the part that people recognise: "Firefox · Windows".</summary>
    public static string Device(string? userAgent, IStringLocalizer<TeamText> t)
    {
        var words = new[] { Browsers, Systems }.Select(
            known => Array.Find(known, k => userAgent?.Contains(k.Mark, StringComparison.Ordinal) == true).Name)
            .OfType<string>().ToList();
        return words.Count > 0 ? string.Join(" · ", words) : t["UnknownDevice"].Value;
    }

    /// <summary>The tenants that a person is limited to, in one line.</summary>
    public static string? Limit(StaffSummary member, IStringLocalizer<TeamText> t) => member.ScopeSize switch
    {
        null => null,
        1 => t["LimitOne"].Value,
        { } many => t["LimitMany", many].Value,
    };

    /// <summary>A one-line description of the access that is signed.</summary>
    public static string WhatIsSigned(string name, string email, StaffAccess? access, IStringLocalizer<TeamText> t)
    {
        var parts = new List<string> { string.IsNullOrWhiteSpace(name) ? "…" : name.Trim(),
            string.IsNullOrWhiteSpace(email) ? "…" : email.Trim() };
        if (access is not null)
        {
            parts.Add(access.Roles.Count == 0 ? "…"
                : string.Join(", ", StaffRoles.All.Where(access.Roles.Contains).Select(role => Role(role, t))));
        }

        if (access?.TenantIds is { } tenants)
        {
            parts.Add(tenants.Count == 1 ? t["LimitOne"].Value : t["LimitMany", tenants.Count].Value);
        }

        if (access?.EndsOn is { } day)
        {
            parts.Add(t["Until", LimaTime.Date(day)].Value);
        }

        return string.Join(" · ", parts);
    }

    /// <summary>The message after an action was done or requested.</summary>
    public static string OutcomeText(StaffOutcome outcome, string done, IStringLocalizer<TeamText> t) =>
        outcome.Asked switch
        {
            null => done,
            { EffectiveAt: { } at } => t["AskedWithDelay", LimaTime.Exact(at)],
            { ExpiresAt: var until } => t["AskedForApproval", LimaTime.Exact(until)],
        };

    private static string Word(string prefix, string name, IStringLocalizer<TeamText> t) =>
        t[prefix + name] is { ResourceNotFound: false } word ? word.Value : name;
}
