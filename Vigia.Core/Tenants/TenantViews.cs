using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenants;

/// <summary>Selects the tenants of a list.</summary>
public sealed record TenantQuery
{
    /// <summary>Value of <see cref="Plan"/> for tenants without a plan, which a taken-over registry may have.</summary>
    public const string NoPlan = "sin-plan";

    /// <summary>
    /// Text to find in RUC, legal name, sub-domain or e-mail. Every word must occur, in any order, case or accent.
    /// </summary>
    public string? Q { get; init; }

    /// <summary>A plan's code or <see cref="NoPlan"/>.</summary>
    public string? Plan { get; init; }
    public string? Environment { get; init; }

    /// <summary>Null for all but withdrawn ones.</summary>
    public TenantStatus? Status { get; init; }
    public bool? IsActive { get; init; }

    /// <summary>Whether the portal manages the database. Null for both.</summary>
    public bool? IsManaged { get; init; }
    public TenantOrder OrderBy { get; init; } = TenantOrder.LegalName;
    public bool Descending { get; init; }

    /// <summary>From 1; from -1 downwards, counted from the end.</summary>
    public int Page { get; init; } = 1;

    /// <summary>Where the page begins, if it follows one that was just shown; null to pass over the rows before it.
    /// </summary>
    public ListPlace<int>? Place { get; init; }

    /// <summary>1–200.</summary>
    public int PageSize { get; init; } = 20;
}

/// <summary>The order of a list of tenants.</summary>
public enum TenantOrder
{
    LegalName,
    Ruc,
    Subdomain,
    Plan,
    State,
    CreatedAt,
    Id,
}

/// <summary>A tenant as lists show it, with computed values.</summary>
/// <param name="Row">The registry row.</param>
/// <param name="Url">Where its users sign in; null if it has no sub-domain.</param>
/// <param name="Database">The last observation of its database; null before the first one.</param>
public record TenantView(Tenant Row, TenantStatus Status, string? Url, ObservedDatabase? Database)
{
    public int Id => Row.Id;

    /// <summary>The size of its database when it was last read. Null when it has none that the portal may look
    /// into.</summary>
    public long? SizeBytes => Database?.SizeBytes;

    /// <summary>The condition of its database; usable where the portal has made none.</summary>
    public DatabaseCondition Condition => Database switch
    {
        { IsPresent: false } => DatabaseCondition.Missing,
        { IsUsable: false } => DatabaseCondition.Unreachable,
        _ => DatabaseCondition.Usable,
    };

    /// <summary>When the content of its database was last counted. Null when it never was.</summary>
    public DateTimeOffset? ContentAt { get; init; }

    /// <summary>Whether the portal manages its database.</summary>
    public bool IsManaged => Row.State != TenantState.Unmanaged;

    /// <summary>The name of the tenant in titles and notes.</summary>
    public string DisplayName => Row.LegalName ?? Row.Subdomain ?? "";

    /// <summary>The verdict of its last proof of isolation; null when there was none.</summary>
    public IsolationVerdict? Isolation { get; init; }

    /// <summary>Whether it has the duties of production; see <see cref="ProductionDuty"/>.</summary>
    public bool HasProductionDuty { get; init; } = true;

    /// <summary>Whether it is in the trash as well, because a restore has not ended or has failed.</summary>
    public bool IsBeingRestored { get; init; }

    /// <summary>The facts that decide which actions are possible.</summary>
    public TenantStanding Standing => TenantStanding.Of(Row) with
    {
        DatabaseIsMissing = Condition == DatabaseCondition.Missing,
        IsBeingRestored = IsBeingRestored,
        Adoption = AdoptionStage,
    };

    /// <summary>Whether it may be dropped at once, without a stay in the trash.</summary>
    public bool MayGoAtOnce => ProductionDuty.MayDropAtOnce(Row, HasProductionDuty);

    /// <summary>The adoption of its database; null for a database that the portal created.</summary>
    public AdoptionSummary? Adoption { get; init; }

    /// <summary>How far the adoption was when the tenant was read.</summary>
    public AdoptionStage AdoptionStage { get; init; }

    /// <summary>
    /// Whether audit and limits are not applied to every table, because the adoption of its database is not completed.
    /// </summary>
    public bool LacksOwnTriggers => AdoptionStage is AdoptionStage.Adopted or AdoptionStage.Confirmed;

    /// <summary>Whether the portal created its database and the marker is gone, so that it can be reclaimed.</summary>
    public bool IsReclaimable { get; init; }

    public bool IsDemo => Row.Environment == TenantEnvironments.Demo;

    /// <summary>Whether it has no limit at all.</summary>
    public bool IsUnlimited =>
        Row is { MaxUsers: null, MaxEstablishments: null } && (!Row.LimitIssuance || Row.MaxDocuments is null);

    /// <summary>
    /// Whether the limits of the registry are applied in the tenant's database, for all tables that they count.
    /// </summary>
    public bool LimitsApplied => Row.LimitsAppliedRevision >= Row.LimitsRevision && !LacksOwnTriggers;

    /// <summary>The rules that the row breaks, because it is older than the portal.</summary>
    public IReadOnlyList<string> Corrections => TenantCorrections.Of(Row);
}

/// <summary>A page of tenants.</summary>
public sealed record TenantPage(IReadOnlyList<TenantView> Items, int Total, int Page, int PageSize)
    : ListPage<TenantView>(Items, Total, Page, PageSize);

/// <summary>A tenant: in the registry, in the trash, or purged.</summary>
public sealed record TenantLookup(TenantView? View, TrashedTenant? Trashed, PurgedTenant? Purged = null);

/// <summary>A purged tenant, as the audit trail still names it.</summary>
/// <param name="Id">Its id; no other tenant ever gets it.</param>
/// <param name="LegalName">Razón social, as recorded in the trail.</param>
/// <param name="Ruc">Tax id.</param>
/// <param name="PurgedAt">When the tenant was purged.</param>
/// <param name="PurgedBy">A person, or the portal if the retention had ended.</param>
/// <param name="Reason">Why it was deleted.</param>
public sealed record PurgedTenant(
    int Id, string? LegalName, string? Ruc, string? Subdomain, DateTimeOffset PurgedAt, string PurgedBy,
    string? Reason);

/// <summary>Whether names are free; a holder is the tenant that already has the name.</summary>
/// <param name="RucHolder">The tenant with the RUC; null when it is free.</param>
/// <param name="SubdomainHolder">The tenant with the sub-domain; null when it is free.</param>
/// <param name="IsDatabaseTaken">
/// Whether the server has a database with the name for the sub-domain, although no tenant has the sub-domain.
/// </param>
/// <param name="IsKept">Whether the sub-domain is the alias of a tenant that is no longer in the registry.</param>
public sealed record TenantAvailability(
    TenantView? RucHolder, TenantView? SubdomainHolder, bool IsDatabaseTaken, bool IsKept);

/// <summary>A tenant in the results of a quick search.</summary>
/// <param name="LegalName">Razón social.</param>
/// <param name="Ruc">Tax id.</param>
public sealed record TenantHit(int Id, string? LegalName, string? Ruc, string? Subdomain, TenantStatus Status);
