using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Credentials;
using Vigia.Portal.Components.Transport;

namespace Vigia.Portal.Api;

/// <summary>How a program reaches a tenant's database.</summary>
internal sealed record ConexionAnswer(string Host, int Port, string Database, string User, string Password)
{
    /// <summary>Without the password.</summary>
    public override string ToString() => nameof(ConexionAnswer);
}

/// <summary>The endpoint that tells a service account how to reach a tenant's database.</summary>
internal static class ClienteConnectionEndpoints
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("clientes/{id:int}/conexion", ReadAsync).WithName("getClienteConexion")
            .Right(ServiceRights.TenantsConnectionRead).Gives<ConexionAnswer>(200)
            .Refuses(403, "connection_inactive").Refuses(404, "tenant_unknown")
            .Refuses(409, "not_ready", "password_key_lost", "read_only", "audit_closed");

    // The answer is never stored: ApiErrors says so for every answer, and there is no tag by which a cache could ask.
    // HEAD tells whether GET would answer. It reads nothing that would have to be recorded.
    private static async Task<IResult> ReadAsync(
        HttpContext context, Caller caller, int id, ConnectionReading connections, ApiLimits limits,
        CancellationToken cancellationToken)
    {
        limits.DemandConnection(caller.Actor);
        if (HeadRequests.IsHead(context))
        {
            await connections.CheckAsync(caller.Actor, id, cancellationToken);
            return Results.Ok(new ConexionAnswer("", 0, "", "", ""));
        }

        var found = await connections.ReadAsync(caller.Actor, id, cancellationToken);
        return Results.Ok(new ConexionAnswer(found.Host, found.Port, found.Database, found.User, found.Password));
    }
}
