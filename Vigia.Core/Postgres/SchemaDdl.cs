using System.Text.Json;
using Npgsql;

namespace Vigia.Core.Postgres;

/// <summary>A lock on a table.</summary>
internal enum TableLock
{
    /// <summary>Others read and write. Nobody changes the table.</summary>
    RowExclusive,

    /// <summary>Others read. Nobody writes, and nobody changes the table.</summary>
    ShareRowExclusive,

    AccessExclusive,
}

/// <summary>
/// Writes the statements that make what a description says, in schema <c>public</c>. Types, expressions and definitions
/// come from a description of the portal's own schema, never from a database.
/// </summary>
internal static class SchemaDdl
{
    private const string Create = "CREATE OR REPLACE FUNCTION";

    public static string Qualified(string table) => "public." + SqlIdentifier.Quote(table);

    /// <summary>The table with its columns, without constraints.</summary>
    public static string CreateTable(TableDescription table) =>
        $"CREATE TABLE {Qualified(table.Name)} ({string.Join(", ", table.Columns.Select(Column))})";

    /// <summary>
    /// A constraint. <paramref name="named"/>: whether it gets its name; another relation may have the name of its
    /// index.
    /// </summary>
    public static string AddConstraint(string table, ConstraintDescription constraint, bool named = true) =>
        $"ALTER TABLE {Qualified(table)} ADD "
        + (named ? $"CONSTRAINT {SqlIdentifier.Quote(constraint.Name)} " : "") + constraint.Definition;

    /// <summary>
    /// The statements that add a column to a table with rows, without rewriting a row. A value that is the same for
    /// every row is only stored in the catalogue. Any other default is for new rows: what old ones would have had is
    /// not known.
    /// </summary>
    /// <param name="isRead">
    /// Whether the portal reads the table and expects a value in each row. Then old rows have the present moment.
    /// </param>
    public static IEnumerable<string> AddColumn(string table, ColumnDescription column, bool isRead)
    {
        var add = $"ALTER TABLE {Qualified(table)} ADD COLUMN {SqlIdentifier.Quote(column.Name)} {column.Type}";
        if (column.HasConstantDefault || (isRead && column.IsGenerated))
        {
            yield return $"{add} DEFAULT {column.Default}{(column.NotNull ? " NOT NULL" : "")}";
            yield break;
        }

        yield return add;
        if (column.Default is { } value)
        {
            yield return $"ALTER TABLE {Qualified(table)} ALTER COLUMN {SqlIdentifier.Quote(column.Name)} "
                + $"SET DEFAULT {value}";
        }
    }

    /// <summary>A function that must not exist yet, which nobody may execute but its owner.</summary>
    public static IEnumerable<string> CreateFunction(FunctionDescription function)
    {
        if (!function.Definition.StartsWith(Create, StringComparison.Ordinal))
        {
            throw new ArgumentException($"{function.Name} has no definition.", nameof(function));
        }

        var signature = $"{Qualified(function.Name)}({function.Arguments})";
        yield return "CREATE FUNCTION" + function.Definition[Create.Length..];
        yield return $"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC";
        if (function.IsGranted)
        {
            yield return $"GRANT EXECUTE ON FUNCTION {signature} TO {SqlIdentifier.Quote(RoleDdl.TenantGroup)}";
        }
    }

    /// <summary>A trigger that no setting of a session turns off.</summary>
    public static IEnumerable<string> CreateTrigger(string table, TriggerDescription trigger)
    {
        yield return trigger.Definition;
        yield return $"ALTER TABLE {Qualified(table)} ENABLE ALWAYS TRIGGER {SqlIdentifier.Quote(trigger.Name)}";
    }

    public static string DropTrigger(string table, string trigger) =>
        $"DROP TRIGGER IF EXISTS {SqlIdentifier.Quote(trigger)} ON {Qualified(table)}";

    public static string DropFunction(FunctionDescription function) =>
        $"DROP FUNCTION {Qualified(function.Name)}({function.Types ?? function.Arguments})";

    public static string StayDefiner(FunctionDescription function) =>
        $"ALTER FUNCTION {Qualified(function.Name)}({function.Types}) SECURITY DEFINER";

    public static string GrantExecute(FunctionDescription function, string role) =>
        $"GRANT EXECUTE ON FUNCTION {Qualified(function.Name)}({function.Types}) TO {SqlIdentifier.Quote(role)}";

    public static string ChangeOwner(FunctionDescription function, string role) =>
        $"ALTER FUNCTION {Qualified(function.Name)}({function.Types}) OWNER TO {SqlIdentifier.Quote(role)}";

    public static string DropColumn(string table, string column) =>
        $"ALTER TABLE {Qualified(table)} DROP COLUMN {SqlIdentifier.Quote(column)}";

    /// <summary>
    /// The rights of the group of all tenants' roles on a table, instead of those that it has.
    /// </summary>
    public static IEnumerable<string> Grant(TableDescription table)
    {
        var group = SqlIdentifier.Quote(RoleDdl.TenantGroup);
        yield return $"REVOKE ALL ON TABLE {Qualified(table.Name)} FROM {group}";
        foreach (var grant in table.Grants.Where(g => g.Privilege is "SELECT" or "INSERT" or "UPDATE" or "DELETE"))
        {
            var columns = grant.Column is { } column ? $" ({SqlIdentifier.Quote(column)})" : "";
            yield return $"GRANT {grant.Privilege}{columns} ON TABLE {Qualified(table.Name)} TO {group}";
        }
    }

    /// <summary>
    /// The right to use the sequences of a table. A column with a default of its own draws from its sequence with the
    /// rights of the role that inserts; an identity column does not.
    /// </summary>
    public static IEnumerable<string> GrantSequences(TableDescription found, bool isWritable)
    {
        foreach (var sequence in found.Sequences.Where(s => s.Kind == "a" ? isWritable : !s.IsReadable))
        {
            yield return $"GRANT {(sequence.Kind == "a" ? "SELECT, USAGE" : "SELECT")} ON SEQUENCE "
                + $"{Qualified(sequence.Name)} TO {SqlIdentifier.Quote(RoleDdl.TenantGroup)}";
        }
    }

    /// <summary>
    /// Locks tables until the transaction ends. All that lock several of them do it here, in the order of their names,
    /// so that no two wait for each other.
    /// </summary>
    public static async Task LockAsync(
        NpgsqlConnection session, IEnumerable<(string Table, TableLock Lock)> tables,
        CancellationToken cancellationToken)
    {
        foreach (var (table, kind) in tables.OrderBy(t => t.Table, StringComparer.Ordinal))
        {
            await MasterDatabase.ExecuteAsync(
                session, $"LOCK TABLE ONLY {Qualified(table)} IN " + kind switch
                {
                    TableLock.RowExclusive => "ROW EXCLUSIVE",
                    TableLock.ShareRowExclusive => "SHARE ROW EXCLUSIVE",
                    _ => "ACCESS EXCLUSIVE",
                } + " MODE", cancellationToken);
        }
    }

    /// <summary>Inserts a row that a new database has. Columns that the row leaves out get their defaults.</summary>
    public static async Task InsertAsync(
        NpgsqlConnection session, TableDescription table, JsonElement row, CancellationToken cancellationToken)
    {
        var columns = string.Join(", ", row.EnumerateObject().Select(p => SqlIdentifier.Quote(p.Name)));
        await using var command = new NpgsqlCommand(
            $"INSERT INTO {Qualified(table.Name)} ({columns}) SELECT {columns} "
            + $"FROM pg_catalog.jsonb_populate_record(NULL::{Qualified(table.Name)}, $1::pg_catalog.jsonb)", session)
        {
            Parameters = { new() { Value = row.GetRawText() } },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static async Task ExecuteAsync(
        NpgsqlConnection session, IEnumerable<string> statements, CancellationToken cancellationToken)
    {
        foreach (var statement in statements)
        {
            await MasterDatabase.ExecuteAsync(session, statement, cancellationToken);
        }
    }

    private static string Column(ColumnDescription column) =>
        $"{SqlIdentifier.Quote(column.Name)} {column.Type}"
        + column.Identity switch
        {
            "a" => " GENERATED ALWAYS AS IDENTITY",
            "d" => " GENERATED BY DEFAULT AS IDENTITY",
            _ => column.Default is { } value ? $" DEFAULT {value}" : "",
        }
        + (column.NotNull ? " NOT NULL" : "");
}
