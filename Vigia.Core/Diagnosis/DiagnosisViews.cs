using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;
using Vigia.Core.Tenancy;

namespace Vigia.Core.Diagnosis;

/// <summary>The parts of a request that a person pasted. A missing part is null or blank.</summary>
/// <param name="Host">A host or an address under it.</param>
/// <param name="Tenant">A sub-domain, or the header X-Tenant with or without its name.</param>
/// <param name="Token">A token, with or without <c>Authorization: Bearer</c>. It is never repeated nor logged.</param>
public sealed record DiagnosisRequest(string? Host = null, string? Tenant = null, string? Token = null)
{
    /// <summary>Contains no values: one of them may be a token, in any of the fields.</summary>
    public override string ToString() => nameof(DiagnosisRequest);
}

/// <summary>Why a request does or does not reach a tenant's database.</summary>
public sealed record DiagnosisResult
{
    /// <summary>The vote of each strategy, in the order of the strategies.</summary>
    public required IReadOnlyList<DiagnosisVote> Votes { get; init; }

    /// <summary>The answer to such a request.</summary>
    public required DiagnosisVerdict Verdict { get; init; }

    /// <summary>The tenant of the request. Null when there is none, or when the strategies disagree.</summary>
    public DiagnosedTenant? Tenant { get; init; }

    /// <summary>The facts about that tenant, in the order in which a request meets them.</summary>
    public IReadOnlyList<DiagnosisFact> Facts { get; init; } = [];

    /// <summary>The last operations on that tenant that failed or need a person, the newest first.</summary>
    public IReadOnlyList<DiagnosisError> Errors { get; init; } = [];

    /// <summary>When it was made.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The trace id of the diagnosis.</summary>
    public required string TraceId { get; init; }
}

/// <summary>The vote of one strategy.</summary>
/// <param name="Strategy">The strategy.</param>
/// <param name="Outcome">Its finding.</param>
/// <param name="Words">The same in words.</param>
/// <param name="TenantId">The tenant that it found; null when it found none.</param>
public sealed record DiagnosisVote(TenantStrategy Strategy, VoteOutcome Outcome, Message Words, int? TenantId = null);

/// <summary>The possible findings of a strategy.</summary>
public enum VoteOutcome
{
    /// <summary>It says nothing, so it can't disagree.</summary>
    Silent,
    Tenant,

    /// <summary>A former name of a tenant.</summary>
    Alias,
    Unknown,

    /// <summary>The text is not a name, or not a token.</summary>
    Invalid,
}

/// <summary>The answer to a request.</summary>
/// <param name="Code"><c>reaches</c>, or the code of the refusal.</param>
/// <param name="Status">The status of HTTP.</param>
/// <param name="Words">The same in words.</param>
public sealed record DiagnosisVerdict(string Code, int Status, Message Words)
{
    internal const string Reached = "reaches";
    internal const string Unauthorized = "not_authenticated";

    /// <summary>All codes.</summary>
    public static IReadOnlyList<string> Codes { get; } =
    [
        Reached, Unauthorized, .. Enum.GetValues<TenantRefusal>().Select(TenantRefusals.CodeOf).OfType<string>(),
    ];

    /// <summary>Whether the request reaches its tenant's database.</summary>
    public bool Reaches => Code == Reached;
}

/// <summary>The tenant of the request.</summary>
/// <param name="Id">Its id in the registry. Null for the only tenant of an installation, which is in none.</param>
/// <param name="LegalName">Its legal name.</param>
/// <param name="Subdomain">Its sub-domain.</param>
/// <param name="DatabaseName">Its database.</param>
public sealed record DiagnosedTenant(int? Id, string? LegalName, string? Subdomain, string? DatabaseName);

/// <summary>Something that is known of the tenant.</summary>
/// <param name="Code">Its subject, such as <c>database</c>.</param>
/// <param name="IsWell">Whether it lets the request through. Null when it neither helps nor hinders.</param>
/// <param name="Words">The same in words.</param>
public sealed record DiagnosisFact(string Code, bool? IsWell, Message Words)
{
    /// <summary>The refusal that a request gets for it. None when it refuses nothing by itself.</summary>
    internal TenantRefusal Refusal { get; init; }
}

/// <summary>An operation that failed or needs a person.</summary>
public sealed record DiagnosisError(
    Guid OperationId, OperationKind Kind, DateTimeOffset At, Message Error, string? TraceId);
