using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Vigia.Portal.Components.Transport;

namespace Vigia.Portal.Api;

/// <summary>
/// Marks a call that anybody may make, such as a sign-in. Its body has the limit of a form
/// (<see cref="LimitOptions.FormKilobytes"/>), so that strangers don't fill the memory.
/// </summary>
internal sealed class SmallBody
{
    /// <summary>Applies the limit, before the body is read.</summary>
    /// <exception cref="ApiRefusal">The body says that it is larger.</exception>
    public static void Limit(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<SmallBody>() is null)
        {
            return;
        }

        var most = context.RequestServices.GetRequiredService<IOptions<LimitOptions>>().Value.FormKilobytes * 1024L;
        if (context.Request.ContentLength > most)
        {
            throw new ApiRefusal(
                StatusCodes.Status413PayloadTooLarge,
                Problem.OfStatus(StatusCodes.Status413PayloadTooLarge).Reason);
        }

        // For a body that does not say its length. The server ends the reading.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = most;
        }
    }
}
