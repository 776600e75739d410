using System.Text.Json;
using System.Text.Json.Serialization;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Audit;

namespace Vigia.Portal.Api;

/// <summary>One audit record.</summary>
internal sealed record AuditAnswer(
    long Seq, DateTimeOffset At, Guid? ActorId, string ActorName, string? ActorAddress, string? Via, string Action,
    int? TenantId, string? Ruc, string? Subdominio,
    [property: JsonConverter(typeof(JsonOfAnyDepth))] JsonElement? Before,
    [property: JsonConverter(typeof(JsonOfAnyDepth))] JsonElement? After, string? Reason,
    Guid? OperationId, string? TraceId, Said? Signature, string? SignedWith, string Hash)
{
    public static AuditAnswer Of(AuditEvent record) => new(
        record.Seq, record.At, record.ActorId, record.ActorName, record.ActorAddress, record.Via, record.Action,
        record.TenantId, record.Ruc, record.Subdomain,
        Json(record.Before), Json(record.After), record.Reason, record.OperationId, record.TraceId,
        record.SignatureMeaning is { } meaning ? Said.Of(new Message(meaning)) : null, record.SignedWith,
        Convert.ToHexString(record.Hash));

    private static JsonElement? Json(string? text) => text is null ? null
        : JsonElement.Parse(text, StorableJson.AnyDepth);
}

/// <summary>The result of a verification of the audit chain.</summary>
/// <param name="Holds">Whether every record exists and is unchanged.</param>
/// <param name="Rows">The number of records that were read.</param>
/// <param name="Head">The head of the chain. Keep it elsewhere to verify the chain against it later.</param>
/// <param name="FirstBroken">The number of the first broken record.</param>
/// <param name="Why">The problem with that record.</param>
/// <param name="Broken">The number of broken places.</param>
/// <param name="LastBroken">The number of the last broken record.</param>
/// <param name="Findings">The first twenty broken places.</param>
/// <param name="KeyFingerprint">SHA-256 of the public key that the head is signed with.</param>
internal sealed record VerifyAnswer(
    bool Holds, long Rows, AuditHeadAnswer Head, long? FirstBroken, Said? Why, long Broken, long? LastBroken,
    IReadOnlyList<AuditFindingAnswer> Findings, string? KeyFingerprint);

/// <summary>A broken place in the chain.</summary>
internal sealed record AuditFindingAnswer(long Seq, Said? Why);

/// <summary>The head of a chain.</summary>
internal sealed record AuditHeadAnswer(long Seq, string Hash);

/// <summary>The endpoints of the audit trail.</summary>
internal static class AuditEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("audit", ListAsync).WithName("listAudit").Right(Rights.AuditView)
            .Query(
                new("actor"), new("action"), new("tenant_id", QueryType.Integer) { Least = 1 },
                new("operation_id", QueryType.Guid), new("trace_id"), new("from", QueryType.Time),
                new("to", QueryType.Time), QueryParameter.Page, QueryParameter.PageSize)
            .Gives<ListAnswer<AuditAnswer>>(200).Refuses(422, "invalid_input");
        api.MapGet("audit/verify", VerifyAsync).WithName("verifyAudit").Right(Rights.AuditVerify)
            .Query(new("head_seq", QueryType.Long), new("head_hash")).Gives<VerifyAnswer>(200)
                .Refuses(422, "invalid_input").Refuses(429, "verification_running");
    }

    private static async Task<IResult> ListAsync(
        Caller caller, QueryValues query, AuditReader reader, CancellationToken cancellationToken)
    {
        var page = await reader.ListAsync(caller.Actor, new AuditFilter
        {
            Actor = query.Text("actor"),
            Action = query.Text("action"),
            TenantId = query.Integer("tenant_id"),
            OperationId = query.Guid("operation_id"),
            TraceId = query.Text("trace_id"),
            From = query.Time("from"),
            To = query.Time("to"),
        }, query.Page, query.PageSize, cancellationToken);
        return Results.Ok(ListAnswers.Of(page, AuditAnswer.Of));
    }

    private static async Task<IResult> VerifyAsync(
        Caller caller, QueryValues query, AuditVerifier verifier, CancellationToken cancellationToken)
    {
        var verdict = await verifier.VerifyAsync(caller.Actor, KeptHead(query), null, cancellationToken);
        return Results.Ok(new VerifyAnswer(
            verdict.Holds, verdict.Rows, new AuditHeadAnswer(verdict.Head.Seq, verdict.Head.Hash), verdict.FirstBroken,
            Said.Of(verdict.Why), verdict.Broken,
            verdict.LastBroken, [.. verdict.Findings.Select(
                finding => new AuditFindingAnswer(finding.Seq, Said.Of(finding.Why)))], verdict.Fingerprint));
    }

    // A head with only one of its two parts proves nothing.
    private static AuditHeadMark? KeptHead(QueryValues query) =>
        (query.Long("head_seq"), query.Text("head_hash")) switch
        {
            (null, null) => null,
            ({ } seq, { Length: 64 } hash) when hash.All(char.IsAsciiHexDigit) => new AuditHeadMark(seq, hash),
            (null, _) => throw new InvalidInputException("head_seq", new Message("parameter_number", "0")),
            _ => throw new InvalidInputException("head_hash", new Message("parameter_hash")),
        };
}
