using Microsoft.Net.Http.Headers;
using Vigia.Core.Lifecycle.Renaming;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Portal.Api;

/// <summary>Gives a tenant another sub-domain, or a former one back.</summary>
internal sealed record RenameRequest
{
    public string? Subdominio { get; init; }
    public string? Reason { get; init; }
}

/// <summary>The endpoint to rename a tenant's sub-domain.</summary>
internal static class ClienteRenameEndpoints
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapPost("clientes/{id:int}/subdominio", RenameAsync).WithName("renameCliente")
            .Right(TenantAction.Rename.Right)
            .Takes<RenameRequest>().Idempotent(Replays.ClienteAsync, "tenant.rename_requested")
            .Gives<ClienteAndOperation>(202).Sends(202, HeaderNames.Location).Refuses(404, "tenant_unknown")
            .Refuses(409, "subdominio_taken", "subdominio_kept", "db_name_taken", "operation_running",
                "is_provisioning", "is_deleting", "provisioning_failed", "not_ready", "tenant_unmanaged", "read_only",
                "audit_closed")
                .Refuses(422, "invalid_input");

    private static async Task<IResult> RenameAsync(
        Caller caller, int id, Body<RenameRequest> body, TenantRenaming renaming, ClienteAnswers answers,
        CancellationToken cancellationToken) =>
        await answers.AcceptedAsync(caller, id,
            await renaming.RenameAsync(
                caller.Actor, id, body.Value.Subdominio, body.Value.Reason, cancellationToken), cancellationToken);
}
