using System.Text.Json;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;

namespace Vigia.Core.Registry.Tenants;

/// <summary>An object that an adoption makes in a database.</summary>
/// <param name="Kind"><c>table</c>, <c>column</c>, <c>function</c> or <c>trigger</c>.</param>
/// <param name="Name">The name of the table or of the function.</param>
internal sealed record MadeObject(string Kind, string Name)
{
    public string Schema { get; init; } = "public";

    /// <summary>The name of the column or of the trigger; null for the others.</summary>
    public string? Part { get; init; }

    /// <summary>The types of the arguments of a function; null for the others.</summary>
    public string? Types { get; init; }

    /// <summary>The OID of the table or of the function; 0 while it is not made.</summary>
    public long Oid { get; init; }

    /// <summary>The number of the column; 0 for the others, and while it is not made.</summary>
    public int Number { get; init; }

    public static MadeObject Of(TableDescription table) => new("table", table.Name) { Oid = table.Oid };

    public static MadeObject Of(FunctionDescription function) =>
        new("function", function.Name) { Types = function.Types, Oid = function.Oid };

    public static MadeObject Of(string table, ColumnDescription column) =>
        new("column", table) { Part = column.Name };

    public static MadeObject Of(string table, TriggerDescription trigger) =>
        new("trigger", table) { Part = trigger.Name };
}

/// <summary>
/// The objects that an adoption makes in a database. The list is in the master before the first object is made, and has
/// the OID of each before the transaction that makes them is committed. So only an object of this list can be the
/// adoption's.
/// See docs/decisions/adoption.md#d400.
/// </summary>
internal sealed record MadeObjects
{
    public IReadOnlyList<MadeObject> Objects { get; init; } = [];

    /// <summary>
    /// The role that owns the functions which run with the rights of their owner; null if the portal keeps them.
    /// </summary>
    public string? DefinerOwner { get; init; }

    /// <summary>The moment that the database gave to rows which were there when a column was added.</summary>
    public DateTimeOffset? At { get; init; }

    public static MadeObjects Of(TenantAdoption adoption) =>
        adoption.Made is { } json ? JsonSerializer.Deserialize<MadeObjects>(json)! : new MadeObjects();

    /// <summary>Whether the adoption made this very table, and the portal still owns it.</summary>
    /// <param name="found">The description that the table is from.</param>
    public bool IsOurs(SchemaDescription found, TableDescription table) =>
        table.IsOrdinary && table.Owner == found.Role && table.Oid > 0 && Objects.Contains(MadeObject.Of(table));

    /// <summary>
    /// Whether the adoption made this very function, and it still belongs to the portal or to the role that got it.
    /// </summary>
    /// <inheritdoc cref="IsOurs(SchemaDescription, TableDescription)"/>
    public bool IsOurs(SchemaDescription found, FunctionDescription function) =>
        (function.Owner == found.Role || (function.IsDefiner && function.Owner == DefinerOwner))
        && function.Oid > 0 && Objects.Contains(MadeObject.Of(function));

    /// <summary>Whether the adoption added this very column to a table of others.</summary>
    public bool IsOurs(TableDescription table, ColumnDescription column) => table.Oid > 0
        && Objects.Contains(MadeObject.Of(table.Name, column) with { Oid = table.Oid, Number = column.Number });

    /// <summary>Adds the objects that are about to be made, and leaves out those that are gone.</summary>
    public MadeObjects Plan(SchemaDescription found, IEnumerable<MadeObject> planned) => this with
    {
        Objects =
        [
            .. found.Tables.Where(t => IsOurs(found, t)).Select(MadeObject.Of),
            .. found.Functions.Where(f => IsOurs(found, f)).Select(MadeObject.Of),
            .. Objects.Where(o => found.Find(o.Name) is { } table && o.Kind switch
            {
                "column" => table.Find(o.Part!) is { } column && IsOurs(table, column),
                "trigger" => table.Oid == o.Oid && table.Triggers.Any(t => t.Name == o.Part),
                _ => false,
            }),
            .. planned,
        ],
    };

    /// <summary>Writes down which objects they became. The session that made them has not committed yet.</summary>
    public MadeObjects Number(SchemaDescription found, DateTimeOffset at) => this with
    {
        At = Objects.Any(o => o is { Kind: "column", Oid: 0 }) ? at : At,
        Objects =
        [
            .. Objects.Select(o => o.Oid > 0 ? o : o.Kind == "function"
                ? o with { Oid = found.Functions.Single(f => f.Name == o.Name && f.Types == o.Types).Oid }
                : o with
                {
                    Oid = found.Find(o.Name)!.Oid,
                    Number = o.Kind == "column" ? found.Find(o.Name)!.Find(o.Part!)!.Number : 0,
                }),
        ],
    };

    /// <summary>
    /// Lists what the adoption neither found before nor made: it appeared meanwhile, or took the place of another.
    /// </summary>
    /// <param name="head">The portal's own schema.</param>
    /// <param name="before">The schema before the adoption.</param>
    /// <param name="found">The schema now.</param>
    public IReadOnlyList<string> FindStrangers(
        SchemaDescription head, SchemaDescription before, SchemaDescription found)
    {
        var strangers = new List<string>();
        foreach (var wanted in head.Tables)
        {
            var (was, there) = (before.Find(wanted.Name), found.Find(wanted.Name));
            if (was is null ? there is not null && !IsOurs(found, there)
                : there is null || (was.Oid > 0 && was.Oid != there.Oid))
            {
                strangers.Add(wanted.Name);
            }
            else if (was is not null)
            {
                strangers.AddRange(there!.Columns
                    .Where(c => wanted.Find(c.Name) is not null && was.Find(c.Name) is null && !IsOurs(there, c))
                    .Select(c => $"{wanted.Name}.{c.Name}"));
            }
        }

        strangers.AddRange(found.Functions
            .Where(f => head.Find(f) is not null && before.Find(f) is null && !IsOurs(found, f))
            .Select(f => f.Signature));
        return strangers;
    }

    /// <exception cref="RuleException"><c>adopt_appeared</c>: the operation must be cancelled.</exception>
    public void DemandNoStrangers(SchemaDescription head, SchemaDescription before, SchemaDescription found)
    {
        if (FindStrangers(head, before, found) is { Count: > 0 } strangers)
        {
            throw new RuleException("adopt_appeared", string.Join(", ", strangers));
        }
    }

    /// <summary>
    /// Demands that every table and function that the adoption made is still the one that it made, and the portal's.
    /// The owner of the schema could put others in their place.
    /// </summary>
    /// <exception cref="RuleException"><c>adopt_not_ours</c>.</exception>
    public void DemandOurs(SchemaDescription found)
    {
        var lost = Objects.Where(o => o.Oid > 0 && o.Kind switch
        {
            "table" => found.Find(o.Name) is not { } table || !IsOurs(found, table),
            "function" => !found.Functions.Any(f => f.Name == o.Name && f.Types == o.Types && IsOurs(found, f)),
            _ => false,
        }).Select(o => o.Kind == "function" ? $"{o.Name}({o.Types})" : o.Name).ToList();
        if (lost.Count > 0)
        {
            throw new RuleException("adopt_not_ours", string.Join(", ", lost));
        }
    }

    /// <summary>
    /// Demands the same of tables that an upgrade of the schema made since: they are in no list, but the portal owns
    /// them.
    /// </summary>
    /// <param name="head">The portal's own schema.</param>
    /// <param name="before">The schema before the adoption.</param>
    /// <param name="found">The schema now.</param>
    /// <exception cref="RuleException"><c>adopt_not_ours</c>.</exception>
    public void DemandOurs(SchemaDescription head, SchemaDescription before, SchemaDescription found)
    {
        DemandOurs(found);
        if (found.Tables.Where(t => head.Find(t.Name) is not null && before.Find(t.Name) is null
                && !(t.IsOrdinary && t.Owner == found.Role)).Select(t => t.Name).ToList() is { Count: > 0 } others)
        {
            throw new RuleException("adopt_not_ours", string.Join(", ", others));
        }
    }

    public string Write() => JsonSerializer.Serialize(this);
}
