using Microsoft.Extensions.Localization;
using MudBlazor;
using Vigia.Core.Isolation;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Isolation;

/// <summary>Proofs in words and signs.</summary>
internal static class IsolationWords
{
    public static StateLook Look(IsolationVerdict verdict) => verdict switch
    {
        IsolationVerdict.Held => new(Tone.Good, Icons.Material.Outlined.VerifiedUser, "Isolation_held"),
        IsolationVerdict.Reported => new(Tone.Warning, Icons.Material.Outlined.Shield, "Isolation_reported"),
        IsolationVerdict.Broken => new(Tone.Bad, Icons.Material.Outlined.GppBad, "Isolation_broken"),
        _ => new(Tone.Quiet, Icons.Material.Outlined.HelpOutline, "Isolation_unknown"),
    };

    public static string Cause(ProofCause cause, IStringLocalizer<IsolationText> texts) => texts[$"Cause_{cause}"];

    public static string Tried(IsolationAttempt attempt, IStringLocalizer<IsolationText> texts) => texts[$"Try_{attempt.Code}"];

    /// <summary>What happened, with PostgreSQL's own code and words.</summary>
    public static string Happened(IsolationAttempt attempt, IStringLocalizer<IsolationText> texts)
    {
        var outcome = attempt is { Outcome: AttemptOutcome.NotTried, IsUndecided: false } ? texts["Outcome_NotApplicable"] : texts[$"Outcome_{attempt.Outcome}"];
        string?[] parts = [outcome.Value, attempt.SqlState, attempt.Outcome == AttemptOutcome.GotThrough || attempt.IsUndecided ? attempt.Detail : null];
        return string.Join(" · ", parts.Where(p => !string.IsNullOrEmpty(p)));
    }

    /// <summary>Whether somebody has to look at it.</summary>
    public static bool IsProblem(IsolationAttempt attempt) => attempt.Outcome == AttemptOutcome.GotThrough || attempt.IsUndecided;
}
