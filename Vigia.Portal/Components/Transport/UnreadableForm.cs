namespace Vigia.Portal.Components.Transport;

/// <summary>Says what it means that the reading of a form has failed.</summary>
internal static class UnreadableForm
{
    /// <summary>
    /// The status of the answer: an error of the caller, because what fails here is the form. The server says itself
    /// that a body is too large. Null when the caller has gone away.
    /// </summary>
    public static int? StatusOf(Exception exception) => exception switch
    {
        BadHttpRequestException bad => bad.StatusCode,
        OperationCanceledException => null,
        _ => StatusCodes.Status400BadRequest,
    };
}
