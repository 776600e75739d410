using Vigia.Core.Foundation.Errors;

namespace Vigia.Portal.Components.SignIn.Pages;

/// <summary>
/// The page for a failed request. It says that the database is temporarily unavailable, or shows the trace id.
/// </summary>
public sealed partial class ErrorPage(IHttpContextAccessor http)
{
    private static readonly Message Away = new("unavailable");

    // The exception handler in PortalUi sets the status.
    private string? AwayText =>
        http.HttpContext?.Response.StatusCode == StatusCodes.Status503ServiceUnavailable
        ? $"{Away.Render()} {Away.RenderAdvice()}" : null;
}
