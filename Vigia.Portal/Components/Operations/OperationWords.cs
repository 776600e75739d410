using System.Globalization;
using Microsoft.Extensions.Localization;
using Vigia.Core.Operations;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Operations;

/// <summary>Kinds, steps and whereabouts of operations in the reader's language; a name without a word shows as it is stored.</summary>
public static class OperationWords
{
    public static string Kind(string kind, IStringLocalizer<OperationText> t) => Word("Kind_", kind, t);

    public static string Step(string name, IStringLocalizer<OperationText> t) => Word("Step_", name, t);

    public static IReadOnlyList<StepView> Steps(Operation operation, IStringLocalizer<OperationText> t) =>
        [.. operation.Steps.OrderBy(s => s.Ordinal).Select(step => new StepView(Step(step.Name, t), step.State)
        {
            Attempt = step.Attempt,
            StartedAt = step.StartedAt,
            FinishedAt = step.FinishedAt,
            Detail = step.Detail?.Render(),
            Error = step.Error?.Render(),
        })];

    /// <summary>For an operation on no client or on many: whom it is about.</summary>
    public static string Whom(Operation operation, IStringLocalizer<OperationText> t) => operation.ItemCount switch
    {
        null => t["Portal"],
        1 => t["ClientsOne"],
        var many => t["ClientsMany", many.Value.ToString("N0", CultureInfo.CurrentCulture)],
    };

    /// <summary>Where it is: the step that runs, or why it failed or waits; null when there is nothing to add to its state.</summary>
    public static string? Whereabouts(Operation operation, IStringLocalizer<OperationText> t) => operation switch
    {
        { ShownState: OperationState.Running, ItemCount: not null } => operation.Steps.Select(s => s.Detail?.Render()).FirstOrDefault(),
        { ShownState: OperationState.Running } when operation.Steps.OrderBy(s => s.Ordinal).FirstOrDefault(s => s.State is StepState.Running or StepState.Pending) is { } step =>
            t["StepOf", step.Ordinal + 1, operation.Steps.Count, Step(step.Name, t)],
        { Error: { } error } => error.Render(),
        _ => null,
    };

    /// <summary>How long it has been at work; null before it started.</summary>
    public static TimeSpan? Duration(Operation operation, DateTimeOffset now) => operation.StartedAt is not { } from
        ? null
        : (operation.FinishedAt ?? now) - from is { Ticks: > 0 } span ? span : TimeSpan.Zero;

    private static string Word(string prefix, string name, IStringLocalizer<OperationText> t) => t[prefix + name] is { ResourceNotFound: false } word ? word.Value : name;
}
