using System.Text;

namespace Vigia.Portal.Components.Transport;

/// <summary>Recognises a form that can't be read. That is an error of the caller.</summary>
internal static class UnreadableForm
{
    /// <summary>
    /// The status of the answer. Null when something else failed. The server says itself that a body is too large, and
    /// the framework refuses the encoding UTF-7 as a wrong argument.
    /// </summary>
    public static int? StatusOf(Exception exception) => exception switch
    {
        BadHttpRequestException bad => bad.StatusCode,
        InvalidDataException or IOException or DecoderFallbackException or ArgumentException =>
            StatusCodes.Status400BadRequest,
        _ => null,
    };
}
