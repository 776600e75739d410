using System.Collections.Immutable;
using Vigia.Core.Postgres;

namespace Vigia.Core.Lifecycle.Adoption;

/// <summary>A column that differs from the one of the portal's own schema. It stays as it is.</summary>
/// <param name="What"><c>type</c>, <c>null</c> or <c>default</c>.</param>
/// <param name="Wanted">The value in the portal's own schema; null for none.</param>
/// <param name="Found">The value in the database; null for none.</param>
public sealed record ColumnDifference(string Table, string Column, string What, string? Wanted, string? Found);

/// <summary>A column that is added to a table which was there before.</summary>
public sealed record AddedColumn(string Table, string Column, string Type);

/// <summary>A trigger of the portal's on a table, with the function that it runs.</summary>
public sealed record PlannedTrigger(string Table, string Name, string Function);

/// <summary>
/// The objects that an adoption adds to a database. The recorded state before the adoption decides which objects belong
/// to others. So an interrupted operation that runs again recognises the objects that it made itself.
/// </summary>
internal sealed class AdoptionPlan
{
    private const string AuditLog = "audit_log";
    private const string RecordChange = "record_change";

    // The columns that the functions of the triggers read or write by name.
    private static readonly Dictionary<string, string[]> ColumnsUsed = new()
    {
        ["touch_updated_at"] = ["updated_at"],
        ["count_active"] = ["is_active"],
        ["count_issued"] = ["estado"],
        ["stamp_issued"] = ["estado", "es_demo", "emitido_en", "periodo"],
        ["sync_user_roles"] = ["id", "roles"],
        ["stamp_record"] = ["created_at", "db_role", "source"],
    };

    private static readonly ImmutableArray<string> Integers = ["smallint", "integer", "bigint"];

    private readonly SchemaDescription _head;
    private readonly SchemaDescription _before;
    private readonly SchemaDescription _found;

    /// <param name="head">The portal's own schema.</param>
    /// <param name="before">The schema before the adoption.</param>
    /// <param name="found">The schema now.</param>
    public AdoptionPlan(SchemaDescription head, SchemaDescription before, SchemaDescription found)
    {
        (_head, _before, _found) = (head, before, found);
        MissingTables = [.. head.Tables.Where(t => found.Find(t.Name) is null)];
        MissingFunctions = [.. head.Functions.Where(f => found.Find(f) is null)];
        DifferentFunctions =
            [.. head.Functions.Where(f => found.Find(f) is { } there && !there.DoesTheSame(f)).Select(f => f.Name)];
        MissingColumns =
        [
            .. from table in head.Tables
               let there = found.Find(table.Name)
               where there is not null
               from column in table.Columns
               where there.Find(column.Name) is null
               select (table.Name, column),
        ];
        Different = [.. Existing().SelectMany(pair => Differences(pair.Wanted, pair.Found))];
        var triggers = (from table in head.Tables
                        from trigger in table.Triggers
                        where found.Find(table.Name)?.Triggers.Any(t => t.Name == trigger.Name) != true
                            && IsUsable(trigger)
                        select (Table: table.Name, Trigger: trigger)).ToList();
        TriggersNow = [.. triggers.Where(t => IsOurs(t.Table) && !NeedsTheirAuditLog(t.Trigger))];
        TriggersLater =
        [
            .. triggers.Where(t => IsOurs(t.Table) ? NeedsTheirAuditLog(t.Trigger) : IsFit(t.Table, t.Trigger)),
        ];
        ForeignKeys =
        [
            .. from table in head.Tables
               where IsOurs(table.Name)
               from key in table.Constraints
               where key.Kind == "f" && found.Find(table.Name)?.Constraints.Any(c => c.Name == key.Name) != true
                   && CanRefer(table, key)
               select (table.Name, key),
        ];
    }

    /// <summary>The schema now.</summary>
    public SchemaDescription Found => _found;

    /// <summary>Tables of the portal's schema that the database does not have.</summary>
    public IReadOnlyList<TableDescription> MissingTables { get; }

    public IReadOnlyList<(string Table, ColumnDescription Column)> MissingColumns { get; }

    public IReadOnlyList<FunctionDescription> MissingFunctions { get; }

    /// <summary>
    /// Functions of others with the name of one of the portal's. Triggers that need them are left out.
    /// </summary>
    public IReadOnlyList<string> DifferentFunctions { get; }

    public IReadOnlyList<ColumnDifference> Different { get; }

    /// <summary>Triggers on tables that the adoption makes.</summary>
    public IReadOnlyList<(string Table, TriggerDescription Trigger)> TriggersNow { get; }

    /// <summary>Triggers that only the completion adds: on tables that were there before.</summary>
    public IReadOnlyList<(string Table, TriggerDescription Trigger)> TriggersLater { get; }

    /// <summary>Foreign keys of tables that the adoption makes.</summary>
    public IReadOnlyList<(string Table, ConstraintDescription Key)> ForeignKeys { get; }

    /// <summary>Tables that are not part of the portal's schema. They are never touched.</summary>
    public IReadOnlyList<string> ForeignTables =>
        [.. _before.Tables.Where(t => _head.Find(t.Name) is null).Select(t => t.Name)];

    /// <summary>Objects that the database will not get. The list's name gives the reason.</summary>
    public IReadOnlyList<string> LeftOut =>
    [
        .. DifferentFunctions.Select(f => $"{f}()"),
        .. from table in _head.Tables
           where !IsOurs(table.Name)
           from trigger in table.Triggers
           where !IsFit(table.Name, trigger)
           select $"{table.Name}.{trigger.Name}",
        .. from table in _head.Tables
           where IsOurs(table.Name)
           from key in table.Constraints
           where key.Kind == "f" && !CanRefer(table, key)
           select $"{table.Name}.{key.Name}",
        .. MissingTables.SelectMany(t => t.Indexes).Where(i => IsTaken(i.Name)).Select(i => i.Name),
    ];

    /// <summary>Key columns that are missing from a table with rows, so that nothing can be added.</summary>
    public IReadOnlyList<string> MissingKeys =>
    [
        .. from missing in MissingColumns
           where missing.Column.Identity.Length > 0 || _head.Find(missing.Table)!.Constraints
               .Any(c => c.Kind == "p" && c.Columns.Contains(missing.Column.Name))
           select $"{missing.Table}.{missing.Column.Name}",
    ];

    /// <summary>Names of the portal's tables that belong to other kinds of relations.</summary>
    public IReadOnlyList<string> TakenNames =>
    [
        .. _head.Tables.Where(t => _found.Find(t.Name) is { IsOrdinary: false }
            || (_found.Find(t.Name) is null && IsTaken(t.Name))).Select(t => t.Name),
    ];

    /// <summary>Tables of the portal's schema that were there before, as they should be and as they are.</summary>
    public IEnumerable<(TableDescription Wanted, TableDescription Found)> Existing() =>
        from table in _head.Tables
        where !IsOurs(table.Name)
        let there = _found.Find(table.Name)
        where there is not null
        select (table, there);

    /// <summary>Whether the adoption makes, or made, the table.</summary>
    public bool IsOurs(string table) => _before.Find(table) is null;

    /// <summary>Whether another relation has the name.</summary>
    public bool IsTaken(string relation) => _found.Relations.Contains(relation);

    /// <summary>
    /// Whether an older table runs no code of others when a row is written: it has only the columns, constraints,
    /// indexes and triggers of the portal's own table. Everything that is not known to be harmless is refused.
    /// </summary>
    public bool IsPlain(string table)
    {
        if (IsOurs(table))
        {
            return true;
        }

        var (wanted, there) = (_head.Find(table)!, _found.Find(table));
        return there is
        {
            IsOrdinary: true, HasRules: false, HasRowSecurity: false, HasRelatives: false, PlannedCode: null,
        }
            && there.Columns.All(c => wanted.Find(c.Name) is { } same && same.Type == c.Type
                && (c.Default is null || c.Default == same.Default) && c.Generated == same.Generated)
            && there.Constraints.All(
                c => c.Kind is "p" or "u" || wanted.Constraints.Any(w => w.Definition == c.Definition))
            && there.Indexes.All(i => wanted.Indexes.Any(w => w.Definition == i.Definition))
            && there.Triggers.All(t => wanted.Triggers.Any(w => w.Name == t.Name && w.Definition == t.Definition)
                && IsUsable(t));
    }

    private bool IsUsable(TriggerDescription trigger)
    {
        var name = trigger.Function[(trigger.Function.LastIndexOf('.') + 1)..];
        return _head.Functions.FirstOrDefault(f => f.Name == name && f.IsTrigger) is { } function
            && (_found.Find(function) is not { } there || there.DoesTheSame(function));
    }

    // A trigger that reads or writes columns would fail on columns of another type, and the product's statement with
    // it.
    private bool IsFit(string table, TriggerDescription trigger)
    {
        var used = ColumnsUsed.GetValueOrDefault(trigger.Function[(trigger.Function.LastIndexOf('.') + 1)..], []);
        return !Different.Any(d => d.Table == table && d.What == "type" && used.Contains(d.Column)
            && FamilyOf(d.Wanted!) != FamilyOf(d.Found!));
    }

    // Texts of any length, and integers of any size, take the same values and operators.
    private static string FamilyOf(string type)
    {
        var isArray = type.EndsWith("[]", StringComparison.Ordinal);
        var element = isArray ? type[..^2] : type;
        var family = element.StartsWith("character varying", StringComparison.Ordinal) || element == "text" ? "text"
            : Integers.Contains(element) ? "integer" : element;
        return isArray ? family + "[]" : family;
    }

    // Its function writes into the audit log. An older audit log may run code of others.
    private bool NeedsTheirAuditLog(TriggerDescription trigger) =>
        trigger.Function.EndsWith(RecordChange, StringComparison.Ordinal) && !IsOurs(AuditLog);

    // A foreign key needs a unique key of the same type on the other side.
    private bool CanRefer(TableDescription table, ConstraintDescription key)
    {
        if (IsOurs(key.References!))
        {
            return true;
        }

        return _found.Find(key.References!) is { IsOrdinary: true } there
            && there.Constraints.Any(c => c.Kind is "p" or "u" && c.Columns.SequenceEqual(key.ReferencedColumns))
            && key.Columns.Zip(key.ReferencedColumns).All(pair =>
                IsComparable(table.Find(pair.First)!.Type, there.Find(pair.Second)?.Type));
    }

    private static bool IsComparable(string wanted, string? found) =>
        wanted == found || (Integers.Contains(wanted) && found is not null && Integers.Contains(found));

    private static IEnumerable<ColumnDifference> Differences(TableDescription wanted, TableDescription found)
    {
        foreach (var column in wanted.Columns)
        {
            if (found.Find(column.Name) is not { } there)
            {
                continue;
            }

            if (there.Type != column.Type)
            {
                yield return new(wanted.Name, column.Name, "type", column.Type, there.Type);
            }

            if (there.NotNull != column.NotNull)
            {
                yield return new(wanted.Name, column.Name, "null", Nullability(column), Nullability(there));
            }

            if (ValueOf(there) != ValueOf(column))
            {
                yield return new(wanted.Name, column.Name, "default", ValueOf(column), ValueOf(there));
            }
        }
    }

    private static string Nullability(ColumnDescription column) => column.NotNull ? "NOT NULL" : "NULL";

    private static string? ValueOf(ColumnDescription column) =>
        column.Identity.Length > 0 ? "IDENTITY" : column.Default;
}
