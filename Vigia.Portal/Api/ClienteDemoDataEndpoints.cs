using Microsoft.Net.Http.Headers;
using Vigia.Core.Lifecycle.DemoData;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Portal.Api;

/// <summary>The endpoints for a tenant's demonstration data.</summary>
internal static class ClienteDemoDataEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("clientes/{id:int}/demo-data", FillAsync).WithName("fillDemoData")
            .Right(TenantAction.FillDemoData.Right)
            .Idempotent(Replays.ClienteAsync, "tenant.demo_data_requested")
            .Gives<ClienteAndOperation>(202).Sends(202, HeaderNames.Location).Refuses(404, "tenant_unknown")
                .Refuses(409, "not_ready", "not_demo", "operation_running", "read_only", "audit_closed");
        api.MapDelete("clientes/{id:int}/demo-data", RemoveAsync).WithName("removeDemoData")
            .Right(TenantAction.RemoveDemoData.Right)
            .Idempotent(Replays.ClienteAsync, "tenant.demo_data_removal_requested")
            .Gives<ClienteAndOperation>(202).Sends(202, HeaderNames.Location).Refuses(404, "tenant_unknown")
                .Refuses(409, "not_ready", "operation_running", "read_only", "audit_closed");
    }

    private static async Task<IResult> FillAsync(
        Caller caller, int id, DemoDataService demo, ClienteAnswers answers, CancellationToken cancellationToken) =>
        await answers.AcceptedAsync(
            caller, id, await demo.FillAsync(caller.Actor, id, cancellationToken), cancellationToken);

    private static async Task<IResult> RemoveAsync(
        Caller caller, int id, DemoDataService demo, ClienteAnswers answers, CancellationToken cancellationToken) =>
        await answers.AcceptedAsync(
            caller, id, await demo.RemoveAsync(caller.Actor, id, cancellationToken), cancellationToken);
}
