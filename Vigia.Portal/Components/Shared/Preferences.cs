using System.Globalization;
using Microsoft.AspNetCore.Localization;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Transport;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// Language and theme of one browser. Cookies hold both, so that the first response already uses them.
/// </summary>
internal static class Preferences
{
    public const string ThemeCookie = "vigia.theme";
    public static readonly string[] Cultures = ["es-PE", "en"];

    public static bool IsDark(HttpRequest request) => request.Cookies[CookieNames.On(request, ThemeCookie)] == "dark";

    /// <summary>The language that the browser's cookie asks for.</summary>
    public static Task<ProviderCultureResult?> CultureAsync(HttpContext context) => Task.FromResult(
        context.Request.Cookies[CookieNames.On(
            context.Request, CookieRequestCultureProvider.DefaultCookieName)] is { } value
            ? CookieRequestCultureProvider.ParseCookieValue(value) : null);

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        // No antiforgery token is needed: a forged request could only change language or theme, and a token would
        // expire while the page is open.
        endpoints.MapPost(PortalUrls.Language, SetLanguage).DisableAntiforgery().AllowAnonymous()
            .WithMetadata(new WhileLockedAttribute());
        endpoints.MapPost(PortalUrls.Theme, SetTheme).DisableAntiforgery().AllowAnonymous()
            .WithMetadata(new WhileLockedAttribute());
    }

    private static IResult SetLanguage(HttpContext context, [AsParameters] Choice choice)
    {
        if (!Cultures.Contains(choice.Value))
        {
            return Results.BadRequest();
        }

        var value = CookieRequestCultureProvider.MakeCookieValue(
            new RequestCulture(CultureInfo.GetCultureInfo(choice.Value)));
        context.Response.Cookies.Append(
            CookieNames.On(context.Request, CookieRequestCultureProvider.DefaultCookieName), value, Cookie(context));
        return Results.LocalRedirect(PortalUrls.LocalOrPanel(choice.ReturnUrl));
    }

    private static IResult SetTheme(HttpContext context, [AsParameters] Choice choice)
    {
        if (choice.Value is not ("dark" or "light"))
        {
            return Results.BadRequest();
        }

        context.Response.Cookies.Append(CookieNames.On(context.Request, ThemeCookie), choice.Value, Cookie(context));
        return Results.LocalRedirect(PortalUrls.LocalOrPanel(choice.ReturnUrl));
    }

    private static CookieOptions Cookie(HttpContext context) => new()
    {
        MaxAge = TimeSpan.FromDays(365),
        IsEssential = true,
        SameSite = SameSiteMode.Lax,
        Secure = context.Request.IsHttps,
    };

    private sealed record Choice(
        [property: Microsoft.AspNetCore.Mvc.FromForm(Name = "value")] string Value,
        [property: Microsoft.AspNetCore.Mvc.FromForm(Name = "returnUrl")] string? ReturnUrl);
}
