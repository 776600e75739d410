using Microsoft.AspNetCore.Antiforgery;

namespace Vigia.Portal.Components.SignIn;

/// <summary>
/// Handles a form whose antiforgery token does not belong to this browser and person, because it has been open since
/// yesterday or another person signed in in another tab. The framework answers with an empty 400. This middleware
/// redirects to a page that explains it and links back. The posted data is not read.
/// </summary>
internal sealed class StaleForms(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Features.Get<IAntiforgeryValidationFeature>() is not { IsValid: false })
        {
            return next(context);
        }

        // 303 and not 302: the browser must not send the form again.
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location =
            PortalUrls.Step(PortalUrls.StaleForm, context.Request.Path + context.Request.QueryString);
        return Task.CompletedTask;
    }
}
