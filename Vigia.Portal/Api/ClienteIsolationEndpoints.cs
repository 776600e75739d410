using Microsoft.Net.Http.Headers;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Credentials;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Portal.Api;

/// <summary>Requests a rotation of the credential.</summary>
internal sealed record CredentialRequest
{
    public string? Reason { get; init; }
}

/// <summary>A proof of isolation.</summary>
internal sealed record IsolationProofAnswer(
    Guid Id, int TenantId, string Verdict, string Cause, string RoleName, DateTimeOffset StartedAt,
    DateTimeOffset FinishedAt, Guid OperationId, IReadOnlyList<IsolationAttemptAnswer> Attempts)
{
    public static IsolationProofAnswer Of(IsolationProof proof) => new(
        proof.Id, proof.TenantId!.Value, Cliente.Code(proof.Verdict), Cliente.Code(proof.Cause), proof.RoleName,
        proof.StartedAt, proof.FinishedAt, proof.OperationId,
        [.. proof.Attempts.Select(IsolationAttemptAnswer.Of)]);
}

/// <summary>One attempt to leave the tenant's database.</summary>
internal sealed record IsolationAttemptAnswer(
    string Code, string? Target, string Outcome, string? Sqlstate, string? Detail)
{
    public static readonly IReadOnlyDictionary<AttemptOutcome, string> Outcomes = new Dictionary<AttemptOutcome, string>
    {
        [AttemptOutcome.Refused] = "refused", [AttemptOutcome.GotThrough] = "got_through",
        [AttemptOutcome.NotTried] = "not_tried",
        [AttemptOutcome.ToClean] = "to_clean",
        [AttemptOutcome.Wanted] = "wanted",
    };

    public static IsolationAttemptAnswer Of(IsolationAttempt attempt) =>
        new(attempt.Code, attempt.Target, Outcomes[attempt.Outcome], attempt.SqlState, attempt.Detail);
}

/// <summary>The endpoints to prove and read a tenant's isolation and to rotate its credential.</summary>
internal static class ClienteIsolationEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("clientes/{id:int}/isolation-proof", ProveAsync).WithName("proveIsolation")
            .Right(TenantAction.ProveIsolation.Right).Idempotent(Replays.ClienteAsync, "isolation.proof_requested")
            .Gives<ClienteAndOperation>(202).Sends(202, HeaderNames.Location).Refuses(404, "tenant_unknown")
                .Refuses(409, "not_ready", "operation_running", "read_only", "audit_closed");
        api.MapGet("clientes/{id:int}/isolation-proof", ReadAsync).WithName("getIsolationProof")
            .Right(Rights.TenantsView)
            .Gives<IsolationProofAnswer>(200).Refuses(404, "proof_none");
        api.MapPost("clientes/{id:int}/credential", RotateAsync).WithName("rotateCredential")
            .Right(TenantAction.RotateCredential.Right).Takes<CredentialRequest>()
            .Idempotent(Replays.ClienteAsync, "tenant.credential_rotation_requested")
            .Gives<ClienteAndOperation>(202).Sends(202, HeaderNames.Location).Refuses(404, "tenant_unknown")
                .Refuses(409, "not_ready", "rotation_unfinished", "read_only", "audit_closed")
                .Refuses(422, "invalid_input");
    }

    private static async Task<IResult> ProveAsync(
        Caller caller, int id, IsolationService isolation, ClienteAnswers answers,
        CancellationToken cancellationToken) =>
        await answers.AcceptedAsync(
            caller, id, await isolation.ProveAsync(caller.Actor, id, cancellationToken), cancellationToken);

    private static async Task<IResult> ReadAsync(
        Caller caller, int id, IsolationService isolation, CancellationToken cancellationToken) =>
        Results.Ok(IsolationProofAnswer.Of(
            await isolation.LastAsync(caller.Actor, id, cancellationToken)
            ?? throw new NotFoundException("proof_none")));

    private static async Task<IResult> RotateAsync(
        Caller caller, int id, Body<CredentialRequest> body, CredentialService credentials, ClienteAnswers answers,
        CancellationToken cancellationToken) =>
        await answers.AcceptedAsync(
            caller, id, await credentials.RotateAsync(caller.Actor, id, body.Value.Reason, cancellationToken),
            cancellationToken);
}
