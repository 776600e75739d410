using Microsoft.Net.Http.Headers;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;

namespace Vigia.Portal.Api;

/// <summary>The endpoints of operations in all states.</summary>
internal static class OperationsEndpoints
{
    // The last ones mean that the operation was valid when it was requested but no longer is.
    private static readonly string[] RetryRefusals =
    [
        "not_retryable", "operation_running", "read_only", "audit_closed",
        "operation_overtaken", "drop_begun", "restore_begun", "tenant_is_registered", "retention_not_over",
        "undo_begun", "not_ready",
    ];

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("operations", ListAsync).WithName("listOperations").Right(Rights.OperationsView)
            .Query(new("tenant_id", QueryType.Integer) { Least = 1 }, new("kind"),
                new("state") { Choices = [.. Enum.GetValues<OperationState>().Select(Cliente.Code)] },
                QueryParameter.Page, QueryParameter.PageSize)
            .Gives<ListAnswer<OperationAnswer>>(200).Refuses(422, "invalid_input");
        api.MapGet("operations/{id:guid}", GetAsync).WithName("getOperation").Right(Rights.OperationsView)
            .Gives<OperationAnswer>(200).Refuses(404, "operation_unknown");
        api.MapGet("operations/{id:guid}/events", OperationEvents.StreamAsync).WithName("watchOperation")
            .Right(Rights.OperationsView)
            .WithMetadata(new Answer(200, null, OperationEvents.ContentType)).Refuses(404, "operation_unknown");
        api.MapPost("operations/{id:guid}/retry", RetryAsync).WithName("retryOperation").Right(Rights.OperationsControl)
            .Idempotent(Replays.OperationAsync, "operation.retried")
            .Gives<OperationAnswer>(202).Sends(202, HeaderNames.Location).Refuses(404, "operation_unknown")
                .Refuses(409, RetryRefusals);
        api.MapPost("operations/{id:guid}/cancel", CancelAsync).WithName("cancelOperation")
            .Right(Rights.OperationsControl).Idempotent(Replays.OperationAsync, "operation.cancel_requested")
            .Gives<OperationAnswer>(202).Sends(202, HeaderNames.Location).Refuses(404, "operation_unknown")
                .Refuses(409, "not_cancellable", "operation_running", "operation_overtaken", "drop_begun", "read_only",
                "audit_closed");
    }

    private static async Task<IResult> ListAsync(
        Caller caller, QueryValues query, OperationService operations, CancellationToken cancellationToken)
    {
        var page = await operations.ListAsync(caller.Actor, new OperationQuery
        {
            TenantId = query.Integer("tenant_id"),
            Kind = OperationKind.OfFilter(query.Text("kind")),
            States = query.Text("state") is { } state
                ? [Enum.GetValues<OperationState>().Single(s => Cliente.Code(s) == state)] : null,
            Page = query.Page,
            PageSize = query.PageSize,
        }, cancellationToken);
        return Results.Ok(ListAnswers.Of(page, OperationAnswer.Of));
    }

    private static async Task<IResult> GetAsync(
        Caller caller, Guid id, OperationService operations, CancellationToken cancellationToken) =>
        Results.Ok(OperationAnswer.Of(await operations.GetAsync(caller.Actor, id, cancellationToken)));

    private static async Task<IResult> RetryAsync(
        Caller caller, Guid id, OperationService operations, CancellationToken cancellationToken)
    {
        await operations.RetryAsync(caller.Actor, id, cancellationToken);
        return await AcceptedAsync(caller, id, operations, cancellationToken);
    }

    private static async Task<IResult> CancelAsync(
        Caller caller, Guid id, OperationService operations, CancellationToken cancellationToken)
    {
        await operations.CancelAsync(caller.Actor, id, cancellationToken);
        return await AcceptedAsync(caller, id, operations, cancellationToken);
    }

    private static async Task<IResult> AcceptedAsync(
        Caller caller, Guid id, OperationService operations, CancellationToken cancellationToken) =>
        Results.Accepted(ApiUrls.Operation(id),
            OperationAnswer.Of(await operations.GetAsync(caller.Reader, id, cancellationToken)));
}
