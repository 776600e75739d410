using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;

namespace Vigia.Portal.Api;

/// <summary>A sentence with its code, which is the same in all languages.</summary>
internal sealed record Said(string Code, string Message, string? Advice)
{
    public static Said? Of(Message? message) =>
        message is null ? null : new Said(message.Code, message.Render(), message.RenderAdvice());
}

/// <summary>An operation with its steps.</summary>
internal sealed record OperationAnswer(
    Guid Id, string Kind, string State, int? TenantId, string RequestedBy, string? TraceId, DateTimeOffset CreatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt, int Progress, Said? Error, IReadOnlyList<OperationStepAnswer> Steps)
{
    public static OperationAnswer Of(Operation operation) => new(
        operation.Id, operation.Kind.Code, Cliente.Code(operation.ShownState), operation.TenantId,
        operation.RequestedByName,
        operation.TraceId, operation.CreatedAt,
        operation.StartedAt, operation.FinishedAt, operation.Progress, Said.Of(operation.Error),
        [.. operation.Steps.OrderBy(s => s.Ordinal).Select(OperationStepAnswer.Of)]);
}

/// <summary>One step of an operation.</summary>
internal sealed record OperationStepAnswer(
    string Name, string State, int Attempt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, Said? Detail,
    Said? Error)
{
    public static OperationStepAnswer Of(OperationStep step) =>
        new(step.Name, Cliente.Code(step.State), step.Attempt, step.StartedAt, step.FinishedAt, Said.Of(step.Detail),
            Said.Of(step.Error));
}
