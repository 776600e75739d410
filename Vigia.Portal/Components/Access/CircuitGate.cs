namespace Vigia.Portal.Components.Access;

/// <summary>
/// Lets only signed-in people connect a circuit. No page in front of the sign-in has one, so a stranger can't make the
/// portal hold memory. See docs/decisions/staff.md#d264.
/// </summary>
internal sealed class CircuitGate(RequestDelegate next)
{
    /// <summary>Where Blazor's script connects.</summary>
    public const string Path = "/_blazor";

    public Task InvokeAsync(HttpContext context)
    {
        if (context.User.Identity?.IsAuthenticated == true || !context.Request.Path.StartsWithSegments(Path))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }
}
