using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vigia.Core.Postgres;

/// <summary>
/// The tables and functions of schema <c>public</c>, as <see cref="SchemaReader"/> reads them from a catalogue: what a
/// database has, or what it should have.
/// </summary>
public sealed record SchemaDescription
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        NewLine = "\n",
    };

    /// <summary>The role of the session that read it.</summary>
    public string? Role { get; init; }

    public IReadOnlyList<TableDescription> Tables { get; init; } = [];

    public IReadOnlyList<FunctionDescription> Functions { get; init; } = [];

    /// <summary>The names of all relations, indexes and sequences included.</summary>
    public IReadOnlyList<string> Relations { get; init; } = [];

    /// <summary>Finds a table, or another relation with columns, by its name.</summary>
    public TableDescription? Find(string table) => Tables.FirstOrDefault(t => t.Name == table);

    /// <summary>
    /// Finds a function with the name of <paramref name="other"/> and the types of its arguments. Their names tell no
    /// function from another.
    /// </summary>
    public FunctionDescription? Find(FunctionDescription other) =>
        Functions.FirstOrDefault(f => f.Name == other.Name && (f.Types is null || other.Types is null
            ? f.Arguments == other.Arguments : f.Types == other.Types));

    /// <exception cref="JsonException">The text is not a description.</exception>
    public static SchemaDescription Parse(string json) =>
        JsonSerializer.Deserialize<SchemaDescription>(json, Options)!;

    public string Write() => JsonSerializer.Serialize(this, Options);
}

/// <summary>A relation with columns.</summary>
public sealed record TableDescription
{
    public required string Name { get; init; }

    /// <summary>Tells it from another table that gets its name later.</summary>
    public long Oid { get; init; }

    /// <summary><c>pg_class.relkind</c>: <c>r</c> for an ordinary table.</summary>
    public string Kind { get; init; } = "";

    public string Owner { get; init; } = "";

    public bool OwnerIsSuperuser { get; init; }

    /// <summary>Whether the role of the session has the rights of the owner.</summary>
    public bool IsOwnedByUs { get; init; }

    public bool HasRowSecurity { get; init; }

    /// <summary>Whether row security holds for its owner, too.</summary>
    public bool ForcesRowSecurity { get; init; }

    /// <summary>Whether it is a partition, or inherits, or is inherited from.</summary>
    public bool HasRelatives { get; init; }

    /// <summary>Functions of others that may run when a statement on it is only planned; null for none.</summary>
    public IReadOnlyList<string>? PlannedCode { get; init; }

    /// <summary>Whether rules rewrite the statements on it.</summary>
    public bool HasRules { get; init; }

    /// <summary>Whether PUBLIC holds a right on it.</summary>
    public bool IsGrantedToPublic { get; init; }

    public IReadOnlyList<ColumnDescription> Columns { get; init; } = [];

    public IReadOnlyList<ConstraintDescription> Constraints { get; init; } = [];

    public IReadOnlyList<IndexDescription> Indexes { get; init; } = [];

    public IReadOnlyList<TriggerDescription> Triggers { get; init; } = [];

    public IReadOnlyList<SequenceDescription> Sequences { get; init; } = [];

    /// <summary>The rights of the group of all tenants' roles.</summary>
    public IReadOnlyList<GrantDescription> Grants { get; init; } = [];

    /// <summary>The rows that a new database has, as JSON without generated columns.</summary>
    public IReadOnlyList<JsonElement> Seeds { get; init; } = [];

    [JsonIgnore]
    public bool IsOrdinary => Kind == "r";

    public ColumnDescription? Find(string column) => Columns.FirstOrDefault(c => c.Name == column);
}

/// <summary>A column. <c>Identity</c> and <c>Generated</c> are those of <c>pg_attribute</c>.</summary>
public sealed record ColumnDescription
{
    public required string Name { get; init; }

    /// <summary>Tells it from another column that gets its name later.</summary>
    public int Number { get; init; }

    /// <summary>As <c>format_type</c> writes it, with its length.</summary>
    public required string Type { get; init; }

    public bool NotNull { get; init; }

    public string? Default { get; init; }

    public string Identity { get; init; } = "";

    public string Generated { get; init; } = "";

    /// <summary>Whether the database gives the value: a number of its own, or the moment of the row.</summary>
    [JsonIgnore]
    public bool IsGenerated => Identity.Length > 0 || Default == "now()";

    /// <summary>Whether the default is the same for every row, so that adding the column rewrites no row.</summary>
    [JsonIgnore]
    public bool HasConstantDefault => Default is { } value && !value.Contains('(', StringComparison.Ordinal);
}

/// <summary>A constraint. That a column is NOT NULL is not one.</summary>
public sealed record ConstraintDescription
{
    public required string Name { get; init; }

    /// <summary>
    /// <c>pg_constraint.contype</c>: <c>p</c>, <c>u</c>, <c>c</c> or <c>f</c>; in a database of others also <c>x</c>
    /// and <c>t</c>.
    /// </summary>
    public required string Kind { get; init; }

    public required string Definition { get; init; }

    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>The table that a foreign key refers to.</summary>
    public string? References { get; init; }

    public IReadOnlyList<string> ReferencedColumns { get; init; } = [];
}

/// <summary>An index that belongs to no constraint.</summary>
public sealed record IndexDescription(string Name, string Definition);

/// <summary>A trigger that somebody made; those of constraints are not among them.</summary>
public sealed record TriggerDescription(string Name, string Function, string Definition);

/// <summary>A sequence that belongs to a column.</summary>
/// <param name="Kind"><c>i</c> of an identity column, <c>a</c> of a default.</param>
/// <param name="IsReadable">Whether the group of all tenants' roles may read it.</param>
public sealed record SequenceDescription(string Name, string Kind, bool IsReadable);

/// <summary>A right of the group of all tenants' roles; on one column if that is given.</summary>
public sealed record GrantDescription(string Privilege, string? Column);

/// <summary>A function of schema <c>public</c>.</summary>
public sealed record FunctionDescription
{
    public required string Name { get; init; }

    /// <summary>Tells it from another function that gets its name later.</summary>
    public long Oid { get; init; }

    /// <summary>With their names, as <c>pg_get_function_identity_arguments</c> writes them.</summary>
    public string Arguments { get; init; } = "";

    /// <summary>The types of the arguments, which tell it from others of its name; null where nobody wrote them.
    /// </summary>
    public string? Types { get; init; }

    public string Definition { get; init; } = "";

    public string Owner { get; init; } = "";

    /// <summary>Whether it runs with the rights of its owner.</summary>
    public bool IsDefiner { get; init; }

    public bool IsTrigger { get; init; }

    /// <summary>Whether PUBLIC may execute it.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Whether the group of all tenants' roles may execute it.</summary>
    public bool IsGranted { get; init; }

    [JsonIgnore]
    public string Signature => $"{Name}({Arguments})";

    /// <summary>Whether it does the same.</summary>
    public bool DoesTheSame(FunctionDescription other) =>
        Definition.ReplaceLineEndings("\n").Trim() == other.Definition.ReplaceLineEndings("\n").Trim();
}
