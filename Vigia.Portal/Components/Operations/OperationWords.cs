using System.Globalization;
using Microsoft.Extensions.Localization;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Operations;

/// <summary>Texts for the kinds, steps and positions of operations. A name without a text is shown as stored.</summary>
public static class OperationWords
{
    public static string Kind(OperationKind kind, IStringLocalizer<OperationText> t) => KindOf(kind.Code, t);

    /// <summary>The name of an operation: a deletion that drops the database at once is no move to the trash.</summary>
    public static string Kind(Operation operation, IStringLocalizer<OperationText> t) =>
        KindOf(operation.Kind.Code + (TenantDeletion.DropsAtOnce(operation) ? "_at_once" : null), t);

    /// <summary>The text for a kind as a record has it, which may be of another version or no kind at all.</summary>
    public static string KindOf(string code, IStringLocalizer<OperationText> t) => Word("Kind_", code, t);

    public static string Step(string name, IStringLocalizer<OperationText> t) => Word("Step_", name, t);

    public static IReadOnlyList<StepView> Steps(Operation operation, IStringLocalizer<OperationText> t) =>
        [.. operation.Steps.OrderBy(s => s.Ordinal).Select(step => new StepView(Step(step.Name, t), step.State)
        {
            Attempt = step.Attempt,
            StartedAt = step.StartedAt,
            FinishedAt = step.FinishedAt,
            Detail = step.Detail?.Render(),
            Error = step.Error?.RenderHead(),
        })];

    /// <summary>The subject of an operation without a single tenant.</summary>
    public static string Subject(Operation operation, IStringLocalizer<OperationText> t) => operation.ItemCount switch
    {
        null => t["Portal"],
        1 => t["TenantsOne"],
        var many => t["TenantsMany", many.Value.ToString("N0", CultureInfo.CurrentCulture)],
    };

    /// <summary>
    /// The running step, or the reason why the operation failed or waits. Null when the state says enough.
    /// </summary>
    public static string? StepOrReason(Operation operation, IStringLocalizer<OperationText> t) => operation switch
    {
        { ShownState: OperationState.Running, ItemCount: not null } =>
            operation.Steps.Select(s => s.Detail?.Render()).FirstOrDefault(),
        { ShownState: OperationState.Running } when operation.Steps.OrderBy(s => s.Ordinal)
            .FirstOrDefault(s => s.State is StepState.Running or StepState.Pending) is { } step =>
            t["StepOf", step.Ordinal + 1, operation.Steps.Count, Step(step.Name, t)],
        { Error: { } error } => error.RenderHead(),
        _ => null,
    };

    /// <summary>The running time of an operation. Null before it started.</summary>
    public static TimeSpan? Duration(Operation operation, DateTimeOffset now) => operation.StartedAt is not { } from
        ? null
        : (operation.FinishedAt ?? now) - from is { Ticks: > 0 } span ? span : TimeSpan.Zero;

    private static string Word(string prefix, string name, IStringLocalizer<OperationText> t) =>
        t[prefix + name] is { ResourceNotFound: false } word ? word.Value : name;
}
