using Vigia.Core.Foundation.Errors;

namespace Vigia.Portal.Components.SignIn.Oidc;

/// <summary>The message about a failed round trip to the provider.</summary>
/// <param name="Reason">The sentence.</param>
/// <param name="Status">The HTTP status of the page that shows it.</param>
internal sealed record OidcNote(Message Reason, int Status);

/// <summary>All notes. Their codes travel in an address, so an unknown code is ignored.</summary>
internal static class OidcNotes
{
    public const string Failed = "oidc_failed";
    public const string Away = "oidc_away";
    public const string Often = "oidc_often";
    public const string Refused = "oidc_refused";

    private static readonly Dictionary<string, OidcNote> All = new OidcNote[]
    {
        new(new Message("oidc_failed"), StatusCodes.Status400BadRequest),
        new(new Message("oidc_away"), StatusCodes.Status503ServiceUnavailable),
        new(new Message("oidc_often"), StatusCodes.Status429TooManyRequests),
        new(new Message("oidc_refused"), StatusCodes.Status403Forbidden),
        new(new Message("oidc_stale"), StatusCodes.Status403Forbidden),
        new(new Message("oidc_other"), StatusCodes.Status403Forbidden),
        new(new Message("oidc_there"), StatusCodes.Status409Conflict),
        new(new Message("oidc_taken"), StatusCodes.Status409Conflict),
        new(new Message("confirmation_stale"), StatusCodes.Status403Forbidden),
        new(new Message("read_only"), StatusCodes.Status409Conflict),
    }.ToDictionary(note => note.Reason.Code);

    /// <summary>Finds the note of a code. Null when there is no code or it is unknown.</summary>
    public static OidcNote? Find(string? code) => code is not null && All.TryGetValue(code, out var note) ? note : null;

    /// <summary>The code of the note for a refusal.</summary>
    public static string CodeOf(RuleException refusal) =>
        All.ContainsKey(refusal.Reason.Code) ? refusal.Reason.Code : Failed;
}
