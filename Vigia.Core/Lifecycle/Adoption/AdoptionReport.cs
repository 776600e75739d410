using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;

namespace Vigia.Core.Lifecycle.Adoption;

/// <summary>The result of inspecting a database that could be adopted. The inspection changes nothing.</summary>
public sealed record AdoptionReport
{
    public required string DatabaseName { get; init; }

    /// <summary>The facts of the database; null when the server has none of that name.</summary>
    public DatabaseFacts? Database { get; init; }

    /// <summary>The facts from inside; null when the portal could not look inside.</summary>
    public DatabaseInsideFacts? Inside { get; init; }

    /// <summary>The tables that the adoption makes.</summary>
    public IReadOnlyList<string> MissingTables { get; init; } = [];

    /// <summary>The columns that it adds to tables which are there.</summary>
    public IReadOnlyList<AddedColumn> MissingColumns { get; init; } = [];

    /// <summary>The columns that differ and stay as they are.</summary>
    public IReadOnlyList<ColumnDifference> Different { get; init; } = [];

    /// <summary>Tables beyond the portal's schema. They are never touched.</summary>
    public IReadOnlyList<string> ForeignTables { get; init; } = [];

    /// <summary>Code of others that runs when rows are written, or with the rights of its owner.</summary>
    public IReadOnlyList<ForeignCode> ForeignCode { get; init; } = [];

    /// <summary>Functions, foreign keys and indexes that the database will not get, because others have the name.
    /// </summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];

    /// <summary>The triggers that only the completion adds.</summary>
    public IReadOnlyList<PlannedTrigger> Later { get; init; } = [];

    /// <summary>The statements that the database's owner, or a superuser, must run first.</summary>
    public IReadOnlyList<string> OwnerStatements { get; init; } = [];

    /// <summary>The obstacles that none of the statements above removes.</summary>
    public IReadOnlyList<Message> Obstacles { get; init; } = [];

    /// <summary>Whether the adoption may start.</summary>
    public bool IsPossible => Obstacles.Count == 0 && OwnerStatements.Count == 0;

    /// <summary>Refuses an adoption that can't start.</summary>
    /// <exception cref="RuleException">The first obstacle; <c>owner_statements_needed</c>.</exception>
    internal void Demand()
    {
        if (Obstacles.Count > 0)
        {
            throw new RuleException(Obstacles[0]);
        }

        if (OwnerStatements.Count > 0)
        {
            throw new RuleException("owner_statements_needed", DatabaseName, string.Join('\n', OwnerStatements));
        }
    }
}

/// <summary>Code of others in a database.</summary>
/// <param name="Kind">
/// <c>trigger</c>, <c>definer_function</c>, <c>event_trigger</c>, <c>default</c>, <c>rule</c> or <c>row_security</c>.
/// </param>
/// <param name="Name">Its name, with that of its table where it has one.</param>
public sealed record ForeignCode(string Kind, string Name);
