using Vigia.Core.Postgres;

namespace Vigia.Core.Lifecycle.Isolation;

/// <summary>
/// The statements that close the databases that a proof found open. Only for problems that the proof itself identifies:
/// databases that accept the role.
/// </summary>
public static class IsolationRemedies
{
    /// <summary>
    /// Returns each statement once, in the order of the attempts. Empty for staff from whom the names are hidden.
    /// </summary>
    public static IReadOnlyList<string> Of(IsolationProof proof) =>
        [.. proof.Attempts
            .Where(a => a is { Outcome: AttemptOutcome.GotThrough, Target: not null } && HasRemedy(a.Code))
            .Select(a => a.Target!).Distinct()
            .Select(name => $"REVOKE ALL ON DATABASE {SqlIdentifier.Quote(name)} "
                + $"FROM PUBLIC, {SqlIdentifier.Quote(proof.RoleName)};")];

    // Databases that are not ours are closed by preparing the server, because their owners may need rights first.
    private static bool HasRemedy(string code) =>
        code is not (ProbeCatalogue.ConnectMaintenance or ProbeCatalogue.ConnectForeign) && IsConnect(code);

    private static bool IsConnect(string code) => code is ProbeCatalogue.HoldsConnect or ProbeCatalogue.PublicGrants
        || code.StartsWith("connect_", StringComparison.Ordinal);
}
