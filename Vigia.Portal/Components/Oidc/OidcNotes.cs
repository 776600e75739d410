using Vigia.Core.Errors;

namespace Vigia.Portal.Components.Oidc;

/// <summary>What is said when a round to the provider did not end well.</summary>
/// <param name="Reason">The sentence.</param>
/// <param name="Status">Of the page that says it.</param>
internal sealed record OidcNote(Message Reason, int Status);

/// <summary>All there are; they travel in an address, so anything else there is no note.</summary>
internal static class OidcNotes
{
    public const string Failed = "oidc_failed";
    public const string Away = "oidc_away";
    public const string Often = "oidc_often";
    public const string Refused = "oidc_refused";
    public const string Locked = "locked_out";

    private static readonly Dictionary<string, OidcNote> All = new OidcNote[]
    {
        new(new Message("oidc_failed"), StatusCodes.Status400BadRequest), new(new Message("oidc_away"), StatusCodes.Status503ServiceUnavailable),
        new(new Message("oidc_often"), StatusCodes.Status429TooManyRequests), new(new Message("oidc_refused"), StatusCodes.Status403Forbidden),
        new(new Message("locked_out"), StatusCodes.Status403Forbidden), new(new Message("oidc_stale"), StatusCodes.Status403Forbidden),
        new(new Message("oidc_other"), StatusCodes.Status403Forbidden), new(new Message("oidc_there"), StatusCodes.Status409Conflict),
        new(new Message("oidc_taken"), StatusCodes.Status409Conflict), new(new Message("confirmation_stale"), StatusCodes.Status403Forbidden),
        new(new Message("read_only"), StatusCodes.Status409Conflict),
    }.ToDictionary(note => note.Reason.Code);

    /// <summary>The note of a code; null for no code, or one that is none of these.</summary>
    public static OidcNote? Find(string? code) => code is not null && All.TryGetValue(code, out var note) ? note : null;

    /// <summary>The note of a refusal.</summary>
    public static string CodeOf(RuleException refusal) => All.ContainsKey(refusal.Reason.Code) ? refusal.Reason.Code : Failed;
}
