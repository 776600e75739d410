using Microsoft.AspNetCore.Components;
using Vigia.Core.Operations;

namespace Vigia.Portal.Components.Shared;

/// <summary>One step of an operation in the reader's language.</summary>
public sealed record StepView(string Name, StepState State)
{
    public int Attempt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
    public string? Detail { get; init; }
    public string? Error { get; init; }

    /// <summary>The advice for the error.</summary>
    public string? Advice { get; init; }
}

/// <summary>
/// The steps of an operation with state, time, detail and error. Changes are announced to screen readers one sentence
/// at a time.
/// </summary>
public sealed partial class OperationStepper(TimeProvider time)
{
    private string? _announcement;
    private string? _last;

    [Parameter, EditorRequired]
    public IReadOnlyList<StepView> Steps { get; set; } = [];

    protected override void OnParametersSet()
    {
        var newest = Steps.LastOrDefault(step => step.State is not StepState.Pending);
        var now = newest is null ? null : $"{newest.Name}: {T[StateLook.Step(newest.State).TextKey]}";
        if (_last is not null && now != _last)
        {
            _announcement = now;
        }

        _last = now ?? "";
    }

    // The database's clock may be slightly ahead of the portal's.
    private DateTimeOffset Later(DateTimeOffset from) => time.GetUtcNow() is var now && now > from ? now : from;
}
