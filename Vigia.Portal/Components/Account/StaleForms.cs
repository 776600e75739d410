using Microsoft.AspNetCore.Antiforgery;

namespace Vigia.Portal.Components.Account;

/// <summary>
/// A form whose antiforgery token is not of this browser and this person: open since yesterday, or somebody signed in in another tab meanwhile. The
/// framework answers 400 with nothing in it; here a page says so and leads back. What was posted is not looked at.
/// </summary>
internal sealed class StaleForms(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Features.Get<IAntiforgeryValidationFeature>() is not { IsValid: false })
        {
            return next(context);
        }

        // Not 302: the browser must not send the form again.
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = PortalUrls.Step(PortalUrls.StaleForm, context.Request.Path + context.Request.QueryString);
        return Task.CompletedTask;
    }
}
