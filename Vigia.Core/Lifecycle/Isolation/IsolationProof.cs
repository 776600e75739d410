using System.Text.Json.Serialization;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Lifecycle.Isolation;

/// <summary>
/// The attempts with a credential of one database, and their results. Never changed, and without a foreign key, because
/// it outlives the database.
/// </summary>
[VisibleByTenant(nameof(TenantId))]
public sealed class IsolationProof
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public Guid DatabaseId { get; init; }
    public Guid CredentialId { get; init; }

    /// <summary>The tenant that had the database. Null when no tenant had it.</summary>
    public int? TenantId { get; init; }
    public string? Ruc { get; init; }
    public string? Subdomain { get; init; }
    public Guid OperationId { get; init; }
    public ProofCause Cause { get; init; }

    /// <summary>The login role that was used.</summary>
    public required string RoleName { get; init; }
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset FinishedAt { get; init; }
    public IsolationVerdict Verdict { get; init; }

    /// <summary>All attempts, in the order in which they were made.</summary>
    public IReadOnlyList<IsolationAttempt> Attempts { get; init; } = [];

    /// <summary>
    /// Whether it is the newest of its database. Stored, so that an index finds the proofs that show a problem now.
    /// </summary>
    public bool IsLast { get; set; }
}

/// <summary>One attempt to leave the tenant's database.</summary>
/// <param name="Code">The name of the attempt: stable, in snake_case, from <see cref="ProbeCatalogue"/>.</param>
/// <param name="Target">The name of the database, role or table; null when the code is enough.</param>
/// <param name="SqlState">PostgreSQL's code for the refusal or the error.</param>
/// <param name="Detail">The result of the attempt, or why it was not tried.</param>
public sealed record IsolationAttempt(
    string Code, string? Target, AttemptOutcome Outcome, string? SqlState = null, string? Detail = null)
{
    /// <summary>The <see cref="Detail"/> of an attempt that does not apply, because it has no target here.</summary>
    public const string NotApplicable = "not_applicable";

    /// <summary>The <see cref="Detail"/> of a look into the catalogue that found nothing: nobody refused it.</summary>
    public const string NothingFound = "nothing_found";

    /// <summary>Whether an error other than a refusal prevented the attempt, so that its result is not known.</summary>
    [JsonIgnore]
    public bool IsUndecided => Outcome == AttemptOutcome.NotTried && Detail != NotApplicable;
}

/// <summary>Stored in snake_case.</summary>
public enum AttemptOutcome
{
    Refused,
    GotThrough,
    NotTried,

    /// <summary>
    /// Found something that lets nobody out but keeps a role from being dropped. The portal removes it before the drop.
    /// </summary>
    ToClean,

    /// <summary>Found an access that the settings of the portal name as wanted.</summary>
    Wanted,
}

/// <summary>The verdict of a proof.</summary>
[StoredInLowerCase]
public enum IsolationVerdict
{
    /// <summary>Everything was refused.</summary>
    Held,

    /// <summary>
    /// Only databases that are not ours accepted the role, as PostgreSQL allows by default: the server is not prepared.
    /// </summary>
    Reported,

    /// <summary>
    /// Nothing got through. Tenants have granted each other's roles rights that nobody can use; they are revoked when
    /// the role is dropped.
    /// </summary>
    Cleanup,

    /// <summary>Something got through.</summary>
    Broken,

    /// <summary>Not everything could be tried.</summary>
    Unknown,
}

/// <summary>Why a proof was made.</summary>
[StoredInLowerCase]
public enum ProofCause
{
    Provisioning,
    Nightly,
    Manual,
    Restore,
    Adoption,
}

/// <summary>Derives the verdict from the attempts.</summary>
public static class IsolationVerdicts
{
    // Databases that are not ours: open to everybody by PostgreSQL's default, and closed by preparing the server. A
    // tenant's database that lost its marker concerns only that tenant: it is unmanaged until somebody reclaims it,
    // which closes it. That the product keeps the role which owns an adopted database was accepted and signed.
    private static readonly HashSet<string> OpenByDefault = [ProbeCatalogue.ConnectMaintenance,
        ProbeCatalogue.ConnectForeign, ProbeCatalogue.ConnectUnmanaged, ProbeCatalogue.OwnedFromOutside,
        OutsideRoleProbes.Wide, OutsideRoleProbes.Without];

    // The targets of these attempts are databases of other tenants. Only the list of attempts names them; staff who may
    // not know those tenants do not get it.
    private static readonly HashSet<string> TargetsOfOtherTenants =
        [ProbeCatalogue.ConnectTenant, ProbeCatalogue.ConnectTrash, ProbeCatalogue.HoldsConnect,
            ProbeCatalogue.PublicGrants, ProbeCatalogue.ConnectForeign, ProbeCatalogue.ConnectUnmanaged,
            ProbeCatalogue.AlterDatabase, ProbeCatalogue.GrantsToOthers, ProbeCatalogue.GrantedElsewhere];

    /// <summary>
    /// One attempt that got through is enough for <see cref="IsolationVerdict.Broken"/>. An attempt that could not be
    /// made never counts as refused. Something to clean never counts as broken.
    /// </summary>
    public static IsolationVerdict Of(IReadOnlyCollection<IsolationAttempt> attempts)
    {
        var through = attempts.Where(a => a.Outcome == AttemptOutcome.GotThrough).ToList();
        return through.Exists(a => !OpenByDefault.Contains(a.Code)) ? IsolationVerdict.Broken
            : attempts.Any(a => a.IsUndecided) || attempts.Count == 0 ? IsolationVerdict.Unknown
            : attempts.Any(a => a.Outcome == AttemptOutcome.ToClean) ? IsolationVerdict.Cleanup
            : through.Count > 0 ? IsolationVerdict.Reported
            : IsolationVerdict.Held;
    }

    /// <summary>
    /// The problems for an error or a record: codes with their targets, without the names of other tenants' databases.
    /// </summary>
    public static string Name(IEnumerable<IsolationAttempt> attempts) => string.Join(
        ", ", attempts.Where(a => a.Outcome == AttemptOutcome.GotThrough && !OpenByDefault.Contains(a.Code))
            .GroupBy(a => a.Code)
            .Select(g => g.All(a => a.Target is null)
                || NamesOtherTenants(g.Key) ? g.Key
                    : $"{g.Key} ({string.Join(' ', g.Select(a => a.Target).Distinct())})"));

    /// <summary>
    /// Whether the targets of this attempt are databases whose names must be hidden from staff with a tenant scope.
    /// </summary>
    public static bool NamesOtherTenants(string code) => TargetsOfOtherTenants.Contains(code);

    internal static Message Broken(IEnumerable<IsolationAttempt> attempts) => new("isolation_broken", Name(attempts));
}
