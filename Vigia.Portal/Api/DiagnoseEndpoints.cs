using Vigia.Core.Diagnosis;
using Vigia.Core.Foundation.Access;

namespace Vigia.Portal.Api;

/// <summary>The parts of a request that can name its tenant.</summary>
internal sealed record DiagnoseRequest
{
    public string? Host { get; init; }
    public string? Tenant { get; init; }

    /// <summary>Never repeated nor logged.</summary>
    public string? Token { get; init; }

    /// <summary>Contains no values, because one of them is a token.</summary>
    public override string ToString() => nameof(DiagnoseRequest);
}

/// <summary>Why a request does or does not reach a tenant's database.</summary>
internal sealed record DiagnosisAnswer(
    string Verdict, int Status, Said Finding, IReadOnlyList<DiagnosisVoteAnswer> Votes, DiagnosedClienteAnswer? Tenant,
    IReadOnlyList<DiagnosisFactAnswer> Facts, IReadOnlyList<DiagnosisErrorAnswer> Errors, DateTimeOffset At,
    string TraceId)
{
    public static DiagnosisAnswer Of(DiagnosisResult result) => new(
        result.Verdict.Code, result.Verdict.Status, Said.Of(result.Verdict.Words)!,
        [.. result.Votes.Select(vote => new DiagnosisVoteAnswer(
            Cliente.Code(vote.Strategy), Cliente.Code(vote.Outcome), vote.TenantId, Said.Of(vote.Words)!))],
        result.Tenant is { } tenant
            ? new DiagnosedClienteAnswer(tenant.Id, tenant.LegalName, tenant.Subdomain, tenant.DatabaseName) : null,
        [.. result.Facts.Select(fact => new DiagnosisFactAnswer(fact.Code, fact.IsWell, Said.Of(fact.Words)!))],
        [.. result.Errors.Select(error => new DiagnosisErrorAnswer(
            error.OperationId, error.Kind.Code, error.At, Said.Of(error.Error)!, error.TraceId))],
        result.At, result.TraceId);
}

/// <summary>The vote of one strategy.</summary>
internal sealed record DiagnosisVoteAnswer(string Strategy, string Outcome, int? TenantId, Said Finding);

/// <summary>The tenant of the request.</summary>
internal sealed record DiagnosedClienteAnswer(int? Id, string? RazonSocial, string? Subdominio, string? DbName);

/// <summary>Something that is known of the tenant.</summary>
/// <param name="Code">Its subject.</param>
/// <param name="Ok">Whether it lets the request through. Null when it neither helps nor hinders.</param>
/// <param name="Finding">The same in words.</param>
internal sealed record DiagnosisFactAnswer(string Code, bool? Ok, Said Finding);

/// <summary>An operation that failed or needs a person.</summary>
internal sealed record DiagnosisErrorAnswer(
    Guid OperationId, string Kind, DateTimeOffset At, Said Error, string? TraceId);

/// <summary>
/// The endpoint that says which tenant a request is for, and why it does or does not reach a database.
/// </summary>
internal static class DiagnoseEndpoints
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapPost("diagnose", DiagnoseAsync).WithName("diagnoseRequest").Right(Rights.TenantsDiagnose)
            .Takes<DiagnoseRequest>().Gives<DiagnosisAnswer>(200).Refuses(422, "invalid_input")
            .Refuses(429, "diagnosis_running");

    private static async Task<IResult> DiagnoseAsync(
        Caller caller, Body<DiagnoseRequest> body, TenantDiagnosis diagnosis, CancellationToken cancellationToken)
    {
        var request = body.Value;
        return Results.Ok(DiagnosisAnswer.Of(await diagnosis.DiagnoseAsync(
            caller.Actor, new DiagnosisRequest(request.Host, request.Tenant, request.Token), cancellationToken)));
    }
}
