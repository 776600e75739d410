namespace Vigia.Core.Lifecycle.Isolation;

/// <summary>A statement that must fail in the tenant's own database with the tenant's role.</summary>
/// <param name="Code">A stable snake_case name, which pages translate.</param>
/// <param name="Sql">The statement; it runs in a transaction that is rolled back.</param>
internal sealed record Probe(string Code, string Sql)
{
    /// <summary>The target of the statement, if the code alone does not name it.</summary>
    public string? Target { get; init; }

    /// <summary>
    /// Whether the statement is a query for problems: each row (target, detail) is one, and no rows is the expected
    /// result. <c>$1</c> stands for the names of <see cref="ProofScope.Suspects"/>, or for those of
    /// <see cref="AsksForOwnRoles"/>.
    /// </summary>
    public bool Looks { get; init; }

    /// <summary>Whether <c>$1</c> stands for the names of all login roles of the database.</summary>
    public bool AsksForOwnRoles { get; init; }

    /// <summary>Whether <c>$1</c> stands for the name of the portal's own role.</summary>
    public bool AsksForPortalRole { get; init; }

    /// <summary>
    /// Whether the rows it finds let nobody out, but must be removed before the role can be dropped. The portal does
    /// that itself.
    /// </summary>
    public bool Cleans { get; init; }

    /// <summary>Whether the rows it finds are an access that the settings name as wanted.</summary>
    public bool Wants { get; init; }

    /// <summary>Whether the target may be dropped between being listed and being tried.</summary>
    public bool MayVanish { get; init; }

    /// <summary>A query that says whether there is a target; null if there always is one.</summary>
    public string? AppliesIf { get; init; }
}
