using System.Globalization;
using System.Text.Json;
using Vigia.Core.Registry.Audit;

namespace Vigia.Portal.Components.Audit;

/// <summary>
/// A record as in exported files: the stored values, the exact text that was hashed, and both hashes.
/// </summary>
internal sealed record AuditRow
{
    public long Seq { get; init; }
    public required string At { get; init; }
    public Guid? ActorId { get; init; }
    public required string ActorName { get; init; }
    public string? ActorAddress { get; init; }
    public string? Via { get; init; }
    public required string Action { get; init; }
    public int? TenantId { get; init; }
    public string? Ruc { get; init; }
    public string? Subdomain { get; init; }
    public string? Before { get; init; }
    public string? After { get; init; }
    public string? Reason { get; init; }
    public Guid? OperationId { get; init; }
    public string? TraceId { get; init; }
    public string? SignatureMeaning { get; init; }
    public string? SignedWith { get; init; }
    public required string Body { get; init; }
    public required string PreviousHash { get; init; }
    public required string Hash { get; init; }

    /// <summary>The tenant's name when the file was made. Not part of the record.</summary>
    public string? LegalName { get; init; }

    /// <summary>The column names as in JSON, in the order of <see cref="Cells"/>.</summary>
    public static readonly string[] Columns =
        [.. typeof(AuditRow).GetProperties().Select(p => JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name))];

    public string?[] Cells() =>
    [
        Text(Seq), At, Text(ActorId), ActorName, ActorAddress, Via, Action, Text(TenantId), Ruc, Subdomain, Before,
        After, Reason, Text(OperationId), TraceId, SignatureMeaning, SignedWith,
        Body, PreviousHash, Hash, LegalName,
    ];

    public static AuditRow Of(AuditEvent e, IReadOnlyDictionary<int, string> names) => new()
    {
        Seq = e.Seq,
        At = e.At.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        ActorId = e.ActorId,
        ActorName = e.ActorName,
        ActorAddress = e.ActorAddress,
        Via = e.Via,
        Action = e.Action,
        TenantId = e.TenantId,
        Ruc = e.Ruc,
        Subdomain = e.Subdomain,
        Before = e.Before,
        After = e.After,
        Reason = e.Reason,
        OperationId = e.OperationId,
        TraceId = e.TraceId,
        SignatureMeaning = e.SignatureMeaning,
        SignedWith = e.SignedWith,
        Body = e.Body,
        PreviousHash = Convert.ToHexString(e.PreviousHash),
        Hash = Convert.ToHexString(e.Hash),
        LegalName = e.TenantId is { } tenant ? names.GetValueOrDefault(tenant) : null,
    };

    private static string? Text(IFormattable? value) => value?.ToString(null, CultureInfo.InvariantCulture);
}
