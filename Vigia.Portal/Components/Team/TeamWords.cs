using Microsoft.Extensions.Localization;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Team;

/// <summary>Roles, rights, devices and ways in, in words.</summary>
public static class TeamWords
{
    private static readonly (string Mark, string Name)[] Browsers =
        [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];

    private static readonly (string Mark, string Name)[] Systems =
        [("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS X", "macOS"), ("Linux", "Linux")];

    public static string Role(string role, IStringLocalizer<TeamText> t) => Word("Role_", role, t);

    public static string Roles(IEnumerable<string> roles, IStringLocalizer<TeamText> t) => string.Join(" · ", roles.Select(role => Role(role, t)));

    public static string Right(string right, IStringLocalizer<TeamText> t) => Word("Right_", right, t);

    /// <summary>Rights as the table of rights has them, those about the same thing together; what an older release knew and this one does not comes last.</summary>
    public static IEnumerable<string> InOrder(IEnumerable<string> rights) =>
        rights.OrderBy(right => Rights.All.Contains(right) ? 0 : 1).ThenBy(right => Rights.All.ToList().IndexOf(right)).ThenBy(right => right, StringComparer.Ordinal);

    /// <summary>How somebody signed in.</summary>
    public static string Method(string method, IStringLocalizer<TeamText> t) => Word("Method_", method, t);

    /// <summary>What a browser calls itself, shortened to what a person recognises: "Firefox · Windows".</summary>
    public static string Device(string? userAgent, IStringLocalizer<TeamText> t)
    {
        var words = new[] { Browsers, Systems }.Select(known => Array.Find(known, k => userAgent?.Contains(k.Mark, StringComparison.Ordinal) == true).Name).OfType<string>().ToList();
        return words.Count > 0 ? string.Join(" · ", words) : t["UnknownDevice"].Value;
    }

    /// <summary>The clients somebody is limited to, in a line.</summary>
    public static string? Limit(StaffSummary member, IStringLocalizer<TeamText> t) => member.ScopeSize switch
    {
        null => null,
        1 => t["LimitOne"].Value,
        { } many => t["LimitMany", many].Value,
    };

    private static string Word(string prefix, string name, IStringLocalizer<TeamText> t) => t[prefix + name] is { ResourceNotFound: false } word ? word.Value : name;
}
