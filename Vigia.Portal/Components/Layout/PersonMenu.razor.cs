using System.Security.Claims;

namespace Vigia.Portal.Components.Layout;

/// <summary>Shows the signed-in person and lets them sign out.</summary>
public sealed partial class PersonMenu
{
    private static string Name(ClaimsPrincipal user) =>
        user.FindFirstValue("display_name") ?? user.Identity?.Name ?? user.FindFirstValue(ClaimTypes.Email) ?? "?";

    private static string? Mail(ClaimsPrincipal user) => user.FindFirstValue(ClaimTypes.Email);

    private static IEnumerable<string> Roles(ClaimsPrincipal user) =>
        user.FindAll(ClaimTypes.Role).Select(claim => claim.Value);

    private static string Initials(ClaimsPrincipal user)
    {
        var words = Name(user).Split('@')[0].Split([' ', '.', '_', '-'], StringSplitOptions.RemoveEmptyEntries);
        return string.Concat(words.Take(2).Select(word => char.ToUpperInvariant(word[0])));
    }
}
