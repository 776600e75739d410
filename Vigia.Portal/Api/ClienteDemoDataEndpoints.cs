using Microsoft.Net.Http.Headers;
using Vigia.Core.DemoData;
using Vigia.Core.Staff;

namespace Vigia.Portal.Api;

/// <summary>Demonstration data of a client.</summary>
internal static class ClienteDemoDataEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("clientes/{id:int}/demo-data", FillAsync).WithName("fillDemoData").Right(Rights.TenantsDemoData).Idempotent()
            .Gives<ClienteAndOperation>(202).Sends(202, HeaderNames.Location).Refuses(404, "tenant_unknown").Refuses(409, "not_ready", "not_demo", "operation_running", "read_only");
        api.MapDelete("clientes/{id:int}/demo-data", RemoveAsync).WithName("removeDemoData").Right(Rights.TenantsDemoData)
            .Gives<ClienteAndOperation>(202).Sends(202, HeaderNames.Location).Refuses(404, "tenant_unknown").Refuses(409, "not_ready", "operation_running", "read_only");
    }

    private static async Task<IResult> FillAsync(Caller caller, int id, DemoDataService demo, ClienteAnswers answers, CancellationToken cancellationToken) =>
        await answers.AcceptedAsync(caller, id, await demo.FillAsync(caller.Actor, id, cancellationToken), cancellationToken);

    private static async Task<IResult> RemoveAsync(Caller caller, int id, DemoDataService demo, ClienteAnswers answers, CancellationToken cancellationToken) =>
        await answers.AcceptedAsync(caller, id, await demo.RemoveAsync(caller.Actor, id, cancellationToken), cancellationToken);
}
