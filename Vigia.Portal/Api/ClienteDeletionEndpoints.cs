using Microsoft.Net.Http.Headers;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Api;

/// <summary>The endpoints to withdraw, delete and restore a tenant.</summary>
internal static class ClienteDeletionEndpoints
{
    private static readonly string[] DeletionOnly = ["confirm", "password", "retention_days"];

    public static void Map(RouteGroupBuilder api)
    {
        // Withdrawing and moving to the trash both need this right. The service checks the second right that moving to
        // the trash needs.
        api.MapDelete("clientes/{id:int}", DeleteAsync).WithName("deleteCliente").Right(TenantAction.Withdraw.Right)
            .Query(new QueryParameter("hard", QueryType.Boolean) { Default = false })
            .Takes<DeleteRequest>().Idempotent(
                Replays.ClienteAsync, "tenant.withdrawn", "tenant.delete_requested", "tenant.purge_requested")
            .Gives<Cliente>(200).Gives<ClienteAndOperation>(202).Sends(202, HeaderNames.Location)
                .Refuses(403, "password_wrong").Refuses(404, "tenant_unknown")
            .Refuses(409, "retention_too_short", "operation_running", "not_ready", "tenant_unmanaged", "read_only",
                "audit_closed").Refuses(422, "confirmation_wrong", "invalid_input");
        api.MapPost("clientes/{id:int}/restore", RestoreAsync).WithName("restoreCliente")
            .Right(TrashAction.Restore.Right)
            .TakesOptionally<RestoreRequest>().Idempotent(Replays.ClienteAsync, "tenant.restore_requested")
            .Gives<ClienteAndOperation>(202).Sends(202, HeaderNames.Location)
                .Refuses(409, "not_in_trash", "operation_running", "drop_begun", "subdominio_taken",
                "subdominio_kept", "db_name_taken", "ruc_taken",
                "registry_row_refused", "read_only", "audit_closed").Refuses(422, "invalid_input");
    }

    private static async Task<IResult> DeleteAsync(
        Caller caller, int id, QueryValues query, Body<DeleteRequest> body, HttpContext context,
        CancellationToken cancellationToken)
    {
        var services = context.RequestServices;
        var answers = services.GetRequiredService<ClienteAnswers>();
        if (query.Boolean("hard") == true)
        {
            return await answers.AcceptedAsync(
                caller, id, await DeletePermanentlyAsync(caller, id, body.Value, services, cancellationToken),
                cancellationToken);
        }

        // A caller who gives a password wants to move it to the trash but did not set hard. The request is
        // refused instead of doing less than the caller intended.
        if (DeletionOnly.Where(body.Has)
            .ToDictionary(field => field,
            IReadOnlyList<Message> (_) => [new Message("field_hard_only")]) is { Count: > 0 } errors)
        {
            throw new InvalidInputException(errors);
        }

        await ClienteActionsEndpoints.AsNotReadyAsync(services.GetRequiredService<TenantActivation>().WithdrawAsync(
            caller.Actor, id, body.Value.ReasonCode ?? ClienteActionsEndpoints.OtherReason, body.Value.Reason,
            cancellationToken));
        return Results.Ok(await answers.ReadAsync(caller, id, cancellationToken));
    }

    // A tenant that is already in the trash is purged, if that is allowed before its time.
    private static async Task<Guid> DeletePermanentlyAsync(
        Caller caller, int id, DeleteRequest request, IServiceProvider services, CancellationToken cancellationToken)
    {
        var actor = caller.Actor;
        actor.Demand(TenantAction.Delete.Right);
        var (confirm, reason, password) = (request.Confirm ?? "", request.Reason ?? "", request.Password ?? "");
        var found = await services.GetRequiredService<TenantSearch>().GetAsync(caller.Reader, id, cancellationToken);
        return found.Trashed is null
            ? await services.GetRequiredService<TenantDeletion>()
                .DeleteAsync(actor, id, new DeletionRequest(confirm, reason, password, request.RetentionDays),
                cancellationToken)
            : await services.GetRequiredService<TrashService>()
                .PurgeAsync(actor, id, new PurgeRequest(confirm, reason, password), cancellationToken);
    }

    private static async Task<IResult> RestoreAsync(
        Caller caller, int id, Body<RestoreRequest> body, TrashService trash, ClienteAnswers answers,
        CancellationToken cancellationToken) =>
        await answers.AcceptedAsync(
            caller, id, await trash.RestoreAsync(caller.Actor, id, body.Value.Subdominio, cancellationToken),
            cancellationToken);
}
