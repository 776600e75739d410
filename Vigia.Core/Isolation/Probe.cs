namespace Vigia.Core.Isolation;

/// <summary>Something a tenant's role must not be able to do, as SQL to try in its own database.</summary>
/// <param name="Code">Stable snake_case name; people read it in words.</param>
/// <param name="Sql">The statement; tried in a transaction that is rolled back.</param>
internal sealed record Probe(string Code, string Sql)
{
    /// <summary>Against what, where the code alone does not say.</summary>
    public string? Target { get; init; }

    /// <summary>
    /// The statement looks rather than tries: each row is something that is open (target, detail), no row is as it should be.
    /// <c>$1</c> stands for the names of all our databases.
    /// </summary>
    public bool Looks { get; init; }

    /// <summary>What it is tried on may be dropped between being listed and being tried.</summary>
    public bool MayVanish { get; init; }

    /// <summary>A query that says whether there is anything to try it on; null when there always is.</summary>
    public string? AppliesIf { get; init; }
}
