using Vigia.Core.Foundation.Errors;
using Vigia.Core.Tenancy;

namespace Vigia.Core.Diagnosis;

/// <summary>Collects the vote of each strategy of the <see cref="TenantResolver"/>.</summary>
public sealed class DiagnosisVotes(TenantCatalog catalog, TenantResolver resolver, TimeProvider time)
{
    /// <summary>The tenants that the clues name, as the catalogue has them.</summary>
    internal IEnumerable<TenantEntry> Found(TenantClues clues) =>
        new[] { Name(clues.Header), Name(clues.Claim), HostName(clues.Host) }
            .Select(name => name is null ? null : catalog.Find(name, time).Entry).OfType<TenantEntry>()
            .DistinctBy(entry => entry.Id);

    /// <param name="clues">The parts of the request that can name a tenant.</param>
    /// <param name="token">The content of its token; null without one.</param>
    /// <param name="names">The legal names of the tenants that were found.</param>
    internal IReadOnlyList<DiagnosisVote> Of(
        TenantClues clues, PastedToken? token, IReadOnlyDictionary<int, string> names) =>
    [
        clues.Header is null ? Silent(TenantStrategy.Header, new Message("diag_header_none"))
            : Name(clues.Header) is { } header ? Named(TenantStrategy.Header, header, names)
            : new(TenantStrategy.Header, VoteOutcome.Invalid, new Message("diag_header_invalid")),
        Claim(clues, token, names),
        clues.Host is null ? Silent(TenantStrategy.Host, new Message("diag_host_none"))
            : HostName(clues.Host) is { } host ? Named(TenantStrategy.Host, host, names)
            : resolver.NameIn(clues.Host).IsEmpty
                ? Silent(TenantStrategy.Host, new Message("diag_host_outside", resolver.BaseDomain))
            : new(TenantStrategy.Host, VoteOutcome.Invalid, new Message("diag_host_invalid", resolver.BaseDomain)),
        Legacy(clues),
    ];

    // The last strategy: it counts only where no other one says anything.
    private DiagnosisVote Legacy(TenantClues clues) =>
        catalog.Only is not { } only ? Silent(TenantStrategy.Legacy, new Message("diag_legacy_none"))
        : clues.Header is not null || clues.Claim is not null || !resolver.NameIn(clues.Host).IsEmpty
            ? Silent(TenantStrategy.Legacy, new Message("diag_legacy_last"))
        : new(TenantStrategy.Legacy, VoteOutcome.Tenant, new Message("diag_legacy_only", only.DatabaseName ?? "-"));

    private DiagnosisVote Claim(TenantClues clues, PastedToken? token, IReadOnlyDictionary<int, string> names) =>
        token switch
        {
            null => Silent(TenantStrategy.Claim, new Message("diag_token_none")),
            { Problem: { } problem } => new(TenantStrategy.Claim, VoteOutcome.Invalid, problem),
            { Tenant: "" } => new(TenantStrategy.Claim, VoteOutcome.Invalid, new Message("diag_token_no_tenant")),
            _ when Name(clues.Claim) is { } name => Named(TenantStrategy.Claim, name, names),
            _ => new(TenantStrategy.Claim, VoteOutcome.Invalid, new Message("diag_token_no_name")),
        };

    private DiagnosisVote Named(TenantStrategy strategy, string name, IReadOnlyDictionary<int, string> names)
    {
        var (entry, isAlias) = catalog.Find(name, time);
        if (entry is null)
        {
            return new(strategy, VoteOutcome.Unknown,
                new Message(catalog.IsCurrent ? "diag_name_unknown" : "diag_name_unsure", name));
        }

        if (entry.IsLegacy)
        {
            return new(strategy, VoteOutcome.Tenant, new Message("diag_name_legacy", name));
        }

        var legalName = names.GetValueOrDefault(entry.Id, entry.Subdomain);
        return isAlias
            ? new(strategy, VoteOutcome.Alias,
                new Message("diag_name_alias", name, legalName, entry.Subdomain), entry.Id)
            : new(strategy, VoteOutcome.Tenant, new Message("diag_name_tenant", name, legalName), entry.Id);
    }

    private static DiagnosisVote Silent(TenantStrategy strategy, Message words) =>
        new(strategy, VoteOutcome.Silent, words);

    // A text that can't be a name is not repeated: it may be a token in the wrong field.
    private static string? Name(string? text) => text is not null && TenantResolver.IsName(text) ? text : null;

    private string? HostName(string? host) =>
        resolver.NameIn(host) is { IsEmpty: false } name && TenantResolver.IsName(name) ? name.ToString() : null;
}
