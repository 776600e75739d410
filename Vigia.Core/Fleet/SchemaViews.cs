namespace Vigia.Core.Fleet;

/// <summary>How a database's schema stands to this build's. In the API and in addresses in lower case.</summary>
public enum SchemaStanding
{
    Current,
    Behind,

    /// <summary>A newer portal migrated it; this one leaves its schema alone.</summary>
    Newer,
}

/// <summary>Which databases to list.</summary>
public sealed record SchemaQuery
{
    /// <summary>Text anywhere in RUC, legal name, sub-domain or e-mail, as in the list of clients.</summary>
    public string? Q { get; init; }

    /// <summary>Only those; null for all.</summary>
    public SchemaStanding? Standing { get; init; }

    /// <summary>From 1.</summary>
    public int Page { get; init; } = 1;

    /// <summary>1–200.</summary>
    public int PageSize { get; init; } = 20;
}

/// <summary>A client's database.</summary>
/// <param name="TenantId">Whose it is.</param>
/// <param name="LegalName">Razón social.</param>
/// <param name="Ruc">Tax id.</param>
/// <param name="Subdomain">Sub-domain.</param>
/// <param name="DatabaseName">Its name.</param>
/// <param name="Version">Of its schema, as last seen in it.</param>
/// <param name="Standing">To this build.</param>
/// <param name="WhyNot">Why it can't be brought up now, as a message code; null when it can or need not be.</param>
/// <param name="LimitsApplied">It has the limits of the registry.</param>
/// <param name="ChangedAt">When its schema changed last; when it was made, if never.</param>
public sealed record DatabaseRow(
    int TenantId, string? LegalName, string? Ruc, string? Subdomain, string DatabaseName, int Version, SchemaStanding Standing, string? WhyNot, bool LimitsApplied,
    DateTimeOffset ChangedAt);

/// <summary>A page of databases.</summary>
public sealed record DatabasePage(IReadOnlyList<DatabaseRow> Items, int Total, int Page, int PageSize);

/// <summary>The clients' databases in numbers.</summary>
/// <param name="Head">This build's version.</param>
/// <param name="Total">How many there are.</param>
/// <param name="Behind">How many are older than this build.</param>
/// <param name="Newer">How many are newer.</param>
/// <param name="ByVersion">How many are at each version, newest first.</param>
/// <param name="Upgrade">The operation that brings many up just now; null when there is none.</param>
public sealed record SchemaFigures(int Head, int Total, int Behind, int Newer, IReadOnlyList<KeyValuePair<int, int>> ByVersion, Guid? Upgrade);

/// <summary>What bringing up the chosen clients would do now.</summary>
/// <param name="Run">How many would be.</param>
/// <param name="Busy">How many of those have another operation at work, which is waited for.</param>
/// <param name="AtOnce">How many at a time.</param>
/// <param name="Skipped">How many would not, by the reason's message code; most first.</param>
public sealed record SchemaPlan(int Run, int Busy, int AtOnce, IReadOnlyList<KeyValuePair<string, int>> Skipped);
