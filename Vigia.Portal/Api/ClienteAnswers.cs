using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Api;

/// <summary>Builds answers that contain a tenant and the operation that was started on it.</summary>
internal sealed class ClienteAnswers(TenantSearch search, OperationService operations)
{
    /// <summary>The current tenant.</summary>
    public async Task<Cliente> ReadAsync(Caller caller, int tenantId, CancellationToken cancellationToken) =>
        await FindAsync(caller, tenantId, cancellationToken) ?? throw new NotFoundException("tenant_unknown");

    /// <summary>202 with the address of the operation.</summary>
    public async Task<IResult> AcceptedAsync(
        Caller caller, int tenantId, Guid operationId, CancellationToken cancellationToken)
    {
        var operation = OperationAnswer.Of(await operations.GetAsync(caller.Reader, operationId, cancellationToken));
        return Results.Accepted(
            ApiUrls.Operation(operationId),
            new ClienteAndOperation(await FindAsync(caller, tenantId, cancellationToken), operation));
    }

    /// <summary>201 with the address of a tenant that was registered only.</summary>
    public async Task<IResult> CreatedAsync(Caller caller, int tenantId, CancellationToken cancellationToken) =>
        Results.Created(ApiUrls.Cliente(tenantId),
            new ClienteAndOperation(await ReadAsync(caller, tenantId, cancellationToken), null));

    private async Task<Cliente?> FindAsync(Caller caller, int tenantId, CancellationToken cancellationToken) =>
        Cliente.Of(await search.GetAsync(caller.Reader, tenantId, cancellationToken));
}
