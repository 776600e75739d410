using System.Text.Json.Serialization;
using Vigia.Core.Errors;

namespace Vigia.Core.Isolation;

/// <summary>What was tried as a tenant's own role and what happened: kept as it was, no foreign key, because it outlives the client.</summary>
public sealed class IsolationProof
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public int TenantId { get; init; }
    public string? Ruc { get; init; }
    public string? Subdomain { get; init; }
    public Guid OperationId { get; init; }
    public ProofCause Cause { get; init; }

    /// <summary>The login role that tried.</summary>
    public required string RoleName { get; init; }
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset FinishedAt { get; init; }
    public IsolationVerdict Verdict { get; init; }

    /// <summary>Every attempt, in the order tried.</summary>
    public IReadOnlyList<IsolationAttempt> Attempts { get; init; } = [];

    /// <summary>Whether it is the client's newest; kept in the table so that what is wrong now is found by an index.</summary>
    public bool IsLast { get; set; }
}

/// <summary>One attempt to get out.</summary>
/// <param name="Code">What was tried: a stable snake_case name of <see cref="ProbeCatalogue"/>.</param>
/// <param name="Target">Against what: the name of a database, role, table; null when the code says it all.</param>
/// <param name="Outcome">What happened.</param>
/// <param name="SqlState">PostgreSQL's code for the refusal or the error.</param>
/// <param name="Detail">What was reached, or why it was not tried.</param>
public sealed record IsolationAttempt(string Code, string? Target, AttemptOutcome Outcome, string? SqlState = null, string? Detail = null)
{
    /// <summary>The <see cref="Detail"/> of what does not apply here: there is nothing to try it on.</summary>
    public const string NotApplicable = "not_applicable";

    /// <summary>It was to be tried, and something else than a refusal came in between: nothing is known.</summary>
    [JsonIgnore]
    public bool IsUndecided => Outcome == AttemptOutcome.NotTried && Detail != NotApplicable;
}

/// <summary>Stored in snake_case.</summary>
public enum AttemptOutcome
{
    Refused,
    GotThrough,
    NotTried,
}

/// <summary>What a proof came to. Stored in lower case.</summary>
public enum IsolationVerdict
{
    /// <summary>Everything was refused.</summary>
    Held,

    /// <summary>Only databases that are not ours let the role in, as PostgreSQL has them by default: the server is not prepared.</summary>
    Reported,

    /// <summary>Something got through.</summary>
    Broken,

    /// <summary>Not everything could be tried.</summary>
    Unknown,
}

/// <summary>Why a proof was made. Stored in lower case.</summary>
public enum ProofCause
{
    Provisioning,
    Nightly,
    Manual,
    Restore,
}

/// <summary>Weighs attempts.</summary>
public static class IsolationVerdicts
{
    // Databases that are none of ours: open to everybody by PostgreSQL's default, closed by preparing the server.
    private static readonly HashSet<string> OpenByDefault = [ProbeCatalogue.ConnectMaintenance, ProbeCatalogue.ConnectForeign];

    // Their targets are databases of other clients: only the list of attempts, which is held back from who may not know them, names those.
    private static readonly HashSet<string> OfOtherClients =
        [ProbeCatalogue.ConnectTenant, ProbeCatalogue.ConnectTrash, ProbeCatalogue.HoldsConnect, ProbeCatalogue.PublicGrants, ProbeCatalogue.ConnectForeign, ProbeCatalogue.AlterDatabase];

    /// <summary>One thing that got through is enough; what could not be tried never counts as refused.</summary>
    public static IsolationVerdict Of(IReadOnlyCollection<IsolationAttempt> attempts)
    {
        var through = attempts.Where(a => a.Outcome == AttemptOutcome.GotThrough).ToList();
        return through.Exists(a => !OpenByDefault.Contains(a.Code)) ? IsolationVerdict.Broken
            : attempts.Any(a => a.IsUndecided) || attempts.Count == 0 ? IsolationVerdict.Unknown
            : through.Count > 0 ? IsolationVerdict.Reported
            : IsolationVerdict.Held;
    }

    /// <summary>What is wrong, for an error or a record: codes with their targets, without the names of other clients' databases.</summary>
    public static string Name(IEnumerable<IsolationAttempt> attempts) => string.Join(
        ", ", attempts.Where(a => a.Outcome == AttemptOutcome.GotThrough && !OpenByDefault.Contains(a.Code)).GroupBy(a => a.Code)
            .Select(g => g.All(a => a.Target is null) || NamesClients(g.Key) ? g.Key : $"{g.Key} ({string.Join(' ', g.Select(a => a.Target).Distinct())})"));

    /// <summary>Whether the targets of this attempt are databases that somebody who may know of chosen clients only must not learn of.</summary>
    public static bool NamesClients(string code) => OfOtherClients.Contains(code);

    internal static Message Broken(IEnumerable<IsolationAttempt> attempts) => new("isolation_broken", Name(attempts));
}
