using Microsoft.AspNetCore.Authorization;
using Vigia.Core.Errors;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Account;

/// <summary>
/// The right without which a page is no use to whoever opens it; without it they are told so instead. A courtesy: the services demand what they
/// need themselves. A test walks every page by it.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RequiresRightAttribute(string right) : AuthorizeAttribute(RightPolicies.Of(right))
{
    public string Right { get; } = right;
}

/// <summary>A policy for each right of the table, so that pages and endpoints name rights and nothing else.</summary>
internal static class RightPolicies
{
    public static string Of(string right) => "right:" + right;

    public static void Add(AuthorizationOptions options)
    {
        foreach (var right in Rights.All)
        {
            options.AddPolicy(Of(right), policy => policy.RequireAuthenticatedUser().RequireAssertion(context => May(context, right)));
        }
    }

    private static bool May(AuthorizationHandlerContext context, string right)
    {
        try
        {
            return StaffSession.ActorOf(context.User, null).May(right);
        }
        catch (ForbiddenException)
        {
            return false;
        }
    }
}
