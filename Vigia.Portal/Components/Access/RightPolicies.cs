using Microsoft.AspNetCore.Authorization;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Portal.Components.Access;

/// <summary>
/// The right without which a page is useless. A person who lacks it sees a page that says so. This is only for
/// convenience: the services check the rights that they need. A test checks this attribute on every page.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RequiresRightAttribute(string right) : AuthorizeAttribute(RightPolicies.Of(right))
{
    public string Right { get; } = right;
}

/// <summary>
/// Defines a policy for each right in the table, so that pages and endpoints only have to name rights.
/// </summary>
internal static class RightPolicies
{
    public static string Of(string right) => "right:" + right;

    public static void Add(AuthorizationOptions options)
    {
        foreach (var right in Rights.All.Union(ServiceRights.All))
        {
            options.AddPolicy(Of(right),
                policy => policy.RequireAuthenticatedUser().RequireAssertion(context => May(context, right)));
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
