using System.Reflection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Vigia.Portal;
using Vigia.Portal.Components;
using Vigia.Portal.Components.Access;

namespace Vigia.Tests.Browser;

/// <summary>A page of the portal as its attributes describe it.</summary>
/// <param name="Route">Its address, with parameters.</param>
/// <param name="Right">The right that it needs; null if it needs none.</param>
/// <param name="Name">The component.</param>
public sealed record PortalPage(string Route, string? Right, string Name)
{
    /// <summary>Pages for people who are not signed in. A new one has to be added here.</summary>
    public static readonly IReadOnlyList<string> Public =
        [PortalUrls.SignIn, PortalUrls.SignInCode, PortalUrls.SignInSecondFactor, PortalUrls.SetUp,
            PortalUrls.Invitation, PortalUrls.Error, PortalUrls.StaleForm, PortalUrls.ForgottenPassword,
            PortalUrls.ApiDocs];

    /// <summary>
    /// Pages for every signed-in person, with any role. They show nothing of other people or tenants.
    /// </summary>
    public static readonly IReadOnlyList<string> ForAnybodySignedIn =
        [PortalUrls.NotFound, PortalUrls.AccessDenied, PortalUrls.Unlock, PortalUrls.OidcConfirmed];

    /// <summary>Every routable page of the portal.</summary>
    public static IReadOnlyList<PortalPage> All { get; } =
    [
        .. from type in typeof(Routes).Assembly.GetTypes()
           from route in type.GetCustomAttributes<RouteAttribute>()
           let right = type.GetCustomAttribute<RequiresRightAttribute>()
           select new PortalPage(
               route.Template, right?.Right,
               type.Name) { IsAnonymous = type.IsDefined(typeof(AllowAnonymousAttribute), inherit: true) },
    ];

    public bool IsAnonymous { get; private init; }
}
