using Microsoft.Extensions.Localization;
using MudBlazor;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Isolation;

/// <summary>Texts and icons for proofs of isolation.</summary>
internal static class IsolationWords
{
    public static StateLook Look(IsolationVerdict verdict) => verdict switch
    {
        IsolationVerdict.Held => new(Tone.Good, Icons.Material.Outlined.VerifiedUser, "Isolation_held"),
        IsolationVerdict.Reported => new(Tone.Warning, Icons.Material.Outlined.Shield, "Isolation_reported"),
        IsolationVerdict.Cleanup => new(Tone.Warning, Icons.Material.Outlined.CleaningServices, "Isolation_cleanup"),
        IsolationVerdict.Broken => new(Tone.Bad, Icons.Material.Outlined.GppBad, "Isolation_broken"),
        _ => new(Tone.Quiet, Icons.Material.Outlined.HelpOutline, "Isolation_unknown"),
    };

    public static string Cause(ProofCause cause, IStringLocalizer<IsolationText> texts) => texts[$"Cause_{cause}"];

    public static string Attempt(IsolationAttempt attempt, IStringLocalizer<IsolationText> texts) =>
        texts[$"Try_{attempt.Code}"] is { ResourceNotFound: false } word ? word.Value : attempt.Code;

    /// <summary>The result of an attempt, with PostgreSQL's own error code and message.</summary>
    public static string Result(IsolationAttempt attempt, IStringLocalizer<IsolationText> texts)
    {
        var outcome = attempt switch
        {
            { Outcome: AttemptOutcome.NotTried, IsUndecided: false } => texts["Outcome_NotApplicable"],
            { Outcome: AttemptOutcome.Refused, Detail: IsolationAttempt.NothingFound } => texts["Outcome_NotFound"],
            _ => texts[$"Outcome_{attempt.Outcome}"],
        };
        string?[] parts = [outcome.Value, attempt.SqlState,
            attempt.Outcome is AttemptOutcome.GotThrough or AttemptOutcome.ToClean or AttemptOutcome.Wanted
            || attempt.IsUndecided ? attempt.Detail : null];
        return string.Join(" · ", parts.Where(p => !string.IsNullOrEmpty(p)));
    }

    /// <summary>Whether a person has to look at this attempt.</summary>
    public static bool IsProblem(IsolationAttempt attempt) =>
        attempt.Outcome is AttemptOutcome.GotThrough or AttemptOutcome.ToClean || attempt.IsUndecided;
}
