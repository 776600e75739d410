using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Lifecycle.SchemaUpgrades;

/// <summary>How a database's schema compares with this build's. Lower case in the API and in page addresses.</summary>
public enum SchemaStanding
{
    Current,
    Behind,

    /// <summary>A newer portal migrated it; this one leaves its schema unchanged.</summary>
    Newer,
}

/// <summary>Selects the databases of a list.</summary>
public sealed record SchemaQuery
{
    /// <summary>Text in RUC, legal name, sub-domain or e-mail, as in the list of tenants.</summary>
    public string? Q { get; init; }

    /// <summary>Only databases with this standing; null for all.</summary>
    public SchemaStanding? Standing { get; init; }

    /// <summary>From 1; from -1 downwards, counted from the end.</summary>
    public int Page { get; init; } = 1;

    /// <summary>
    /// The tenant beside whose database the page begins; null to pass over the databases before the page.
    /// </summary>
    public ListPlace<int>? Place { get; init; }

    /// <summary>1–200.</summary>
    public int PageSize { get; init; } = 20;
}

/// <summary>A tenant's database.</summary>
/// <param name="LegalName">Razón social.</param>
/// <param name="Ruc">Tax id.</param>
/// <param name="Version">Its schema version, as last read from it.</param>
/// <param name="Standing">How the version compares with this build's.</param>
/// <param name="Refusal">Why it can't be upgraded now, as a message code; null when it can or need not be.</param>
/// <param name="LimitsApplied">Whether it has the limits of the registry.</param>
/// <param name="ChangedAt">When its schema last changed, or when it was created.</param>
public sealed record DatabaseRow(
    int TenantId, string? LegalName, string? Ruc, string? Subdomain, string DatabaseName, int Version,
    SchemaStanding Standing, string? Refusal, bool LimitsApplied,
    DateTimeOffset ChangedAt);

/// <summary>A page of databases.</summary>
public sealed record DatabasePage(IReadOnlyList<DatabaseRow> Items, int Total, int Page, int PageSize)
    : ListPage<DatabaseRow>(Items, Total, Page, PageSize);

/// <summary>The number of tenant databases by version.</summary>
/// <param name="Head">This build's version.</param>
/// <param name="Total">How many there are.</param>
/// <param name="Behind">How many are older than this build.</param>
/// <param name="Newer">How many are newer.</param>
/// <param name="ByVersion">How many are at each version, newest first.</param>
/// <param name="Upgrade">The upgrade of many that is under way; null when there is none.</param>
public sealed record SchemaFigures(
    int Head, int Total, int Behind, int Newer, IReadOnlyList<KeyValuePair<int, int>> ByVersion, Guid? Upgrade)
{
    /// <summary>
    /// The first tenants whose database is not on the server, by id with their names. No figure counts them.
    /// </summary>
    public IReadOnlyList<KeyValuePair<int, string>> Gone { get; init; } = [];

    /// <summary>Whether there are more than those of <see cref="Gone"/>.</summary>
    public bool HasMoreGone { get; init; }
}

/// <summary>The effect that an upgrade of the chosen tenants would have now.</summary>
/// <param name="Run">How many would be upgraded.</param>
/// <param name="Busy">How many of those must wait for another running operation.</param>
/// <param name="AtOnce">How many are upgraded at once.</param>
/// <param name="Skipped">How many would be skipped, by the message code of the reason; most frequent first.</param>
/// <param name="Cost">About how long it takes.</param>
public sealed record SchemaPlan(
    int Run, int Busy, int AtOnce, IReadOnlyList<KeyValuePair<string, int>> Skipped, WorkCost Cost);
