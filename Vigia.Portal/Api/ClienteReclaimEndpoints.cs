using Microsoft.Net.Http.Headers;
using Vigia.Core.Lifecycle.Reclaiming;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Portal.Api;

/// <summary>Requests that a database is reclaimed.</summary>
internal sealed record ReclaimRequest
{
    public string? Reason { get; init; }
}

/// <summary>The endpoint to reclaim a tenant's database that lost the portal's marker.</summary>
internal static class ClienteReclaimEndpoints
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapPost("clientes/{id:int}/reclaim", ReclaimAsync).WithName("reclaimCliente")
            .Right(TenantAction.Reclaim.Right)
            .Takes<ReclaimRequest>().Idempotent(Replays.ClienteAsync, "tenant.reclaim_requested")
            .Gives<ClienteAndOperation>(202).Sends(202, HeaderNames.Location).Refuses(404, "tenant_unknown")
            .Refuses(409, "already_managed", "tenant_unmanaged", "operation_running", "read_only", "audit_closed")
                .Refuses(422, "invalid_input");

    private static async Task<IResult> ReclaimAsync(
        Caller caller, int id, Body<ReclaimRequest> body, TenantReclaiming reclaiming, ClienteAnswers answers,
            CancellationToken cancellationToken) =>
        await answers.AcceptedAsync(caller, id,
            await reclaiming.ReclaimAsync(caller.Actor, id, body.Value.Reason, cancellationToken), cancellationToken);
}
