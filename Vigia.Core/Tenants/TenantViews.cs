using Vigia.Core.Deletion;
using Vigia.Core.Isolation;

namespace Vigia.Core.Tenants;

/// <summary>Which clients to list.</summary>
public sealed record TenantQuery
{
    /// <summary>In <see cref="Plan"/>: clients without one, as a taken-over registry may have them.</summary>
    public const string NoPlan = "sin-plan";

    /// <summary>Text anywhere in RUC, legal name, sub-domain or e-mail; every word must be there, in any order, case, accent.</summary>
    public string? Q { get; init; }

    /// <summary>A plan's code or <see cref="NoPlan"/>.</summary>
    public string? Plan { get; init; }
    public string? Environment { get; init; }

    /// <summary>One of <see cref="TenantStatus"/>; null for all but withdrawn ones.</summary>
    public string? Status { get; init; }
    public bool? IsActive { get; init; }
    public TenantOrder OrderBy { get; init; } = TenantOrder.LegalName;
    public bool Descending { get; init; }

    /// <summary>From 1.</summary>
    public int Page { get; init; } = 1;

    /// <summary>1–200.</summary>
    public int PageSize { get; init; } = 20;
}

/// <summary>What a list of clients is sorted by.</summary>
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

/// <summary>A client as lists show it, with what is computed.</summary>
/// <param name="Row">The registry row.</param>
/// <param name="Status">One of <see cref="TenantStatus"/>.</param>
/// <param name="Url">Where its users sign in; null while it has no sub-domain.</param>
/// <param name="SizeBytes">Of its database; null when there is none.</param>
public record TenantView(Tenant Row, string Status, string? Url, long? SizeBytes)
{
    public int Id => Row.Id;

    /// <summary>What its last proof of isolation came to; null when there has been none.</summary>
    public IsolationVerdict? Isolation { get; init; }

    public bool IsDemo => Row.Environment == TenantEnvironments.Demo;

    /// <summary>No limit at all.</summary>
    public bool IsUnlimited => Row is { MaxUsers: null, MaxEstablishments: null } && (!Row.LimitIssuance || Row.MaxDocuments is null);

    /// <summary>The tenant's own database has the limits of the registry.</summary>
    public bool LimitsApplied => Row.LimitsAppliedRevision >= Row.LimitsRevision;
}

/// <summary>A page of clients.</summary>
public sealed record TenantPage(IReadOnlyList<TenantView> Items, int Total, int Page, int PageSize);

/// <summary>A client, in the registry, in the trash, or destroyed.</summary>
public sealed record TenantLookup(TenantView? View, TrashedTenant? Trashed, PurgedTenant? Purged = null);

/// <summary>What is left of a client whose database was destroyed: who it was, and the trail.</summary>
/// <param name="Id">The id it had; no other client ever gets it.</param>
/// <param name="LegalName">Razón social, as the trail has it.</param>
/// <param name="Ruc">Tax id.</param>
/// <param name="Subdomain">Sub-domain.</param>
/// <param name="PurgedAt">When the database was destroyed.</param>
/// <param name="PurgedBy">Who had it destroyed: a person, or the portal when its time in the trash was over.</param>
/// <param name="Reason">Why it was deleted.</param>
public sealed record PurgedTenant(int Id, string? LegalName, string? Ruc, string? Subdomain, DateTimeOffset PurgedAt, string PurgedBy, string? Reason);

/// <summary>Whether names are free; each holder is the client that has the name already.</summary>
/// <param name="RucHolder">Who has the RUC.</param>
/// <param name="SubdomainHolder">Who has the sub-domain.</param>
/// <param name="IsDatabaseTaken">The server has a database of the name that the sub-domain would give, and no client has it.</param>
public sealed record TenantAvailability(TenantView? RucHolder, TenantView? SubdomainHolder, bool IsDatabaseTaken);

/// <summary>A client to jump to.</summary>
/// <param name="Id">Its id.</param>
/// <param name="LegalName">Razón social.</param>
/// <param name="Ruc">Tax id.</param>
/// <param name="Subdomain">Sub-domain.</param>
/// <param name="Status">One of <see cref="TenantStatus"/>.</param>
public sealed record TenantHit(int Id, string? LegalName, string? Ruc, string? Subdomain, string Status);
