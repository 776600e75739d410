using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Vigia.Core.TenantSchema;

namespace Vigia.Tests.TenantSchema;

/// <summary>Writes <c>docs/tenant-schema.md</c> from the model.</summary>
internal sealed partial class TenantSchemaDocument
{
    private readonly StringBuilder _text = new();
    private readonly IReadOnlyDictionary<string, int> _relations;

    private TenantSchemaDocument(IReadOnlyDictionary<string, int> relations) => _relations = relations;

    /// <summary>Returns the whole document.</summary>
    /// <param name="relations">The number of relations of each kind in schema public of a new database.</param>
    public static string Write(IReadOnlyDictionary<string, int> relations)
    {
        using var db = new TenantContextFactory().CreateDbContext([]);
        var document = new TenantSchemaDocument(relations);
        document.Write(db.GetService<IDesignTimeModel>().Model);
        return document._text.ToString();
    }

    private void Write(IModel model)
    {
        var tables = model.GetRelationalModel().Tables.OrderBy(t => t.Name, StringComparer.Ordinal).ToList();
        var types = TenantModel.Types.ToDictionary(TenantModel.TableOf);
        var relations = string.Join(", ", _relations.OrderByDescending(r => r.Value)
            .ThenBy(r => r.Key, StringComparer.Ordinal).Select(r => $"{r.Value} {r.Key}"));
        Line($$"""
            # The schema of a tenant's database

            Version {{TenantSchemaVersions.OfThisBuild.Head}}, {{tables.Count}} tables. Generated from the model by
            `script/tenant-schema`; a test fails when it is out of date.

            **The source of a column** is in the last column of each table. Tags in capitals are pages of the
            product's documentation; [rules.md](rules.md#sources) explains them. *E2B(R3)* numbers are the data
            elements of the ICH E2B(R3) implementation guide, which decides the fields of a case where the
            documentation is silent; *docs/rules.md* names the rule that was decided about a contradiction; *decided*
            means that no source says it and that a pharmacovigilance system needs it.

            **Every change is recorded.** A trigger writes each INSERT, UPDATE and DELETE of a table marked *recorded*
            to `audit_log`, with the row before and after. The application names the acting person with
            `SET vigia.user_id`, `vigia.actor` and `vigia.trace_id` (or `set_config`); the database's own facts are
            beside it in `db_role` and `created_at`. Triggers are `ENABLE ALWAYS`, so no setting of a session turns
            them off.

            **Limits** are counted in `tenant_usage` by triggers and refused with SQLSTATE `VL001`; see
            [operate.md](operate.md).

            **Rights.** The group `vigia_tenant` has SELECT, INSERT, UPDATE and DELETE on every table but these:
            `audit_log` (SELECT, and INSERT of what the application knows: not of key, time, role and source),
            `roles`, `tenant_limits`, `tenant_usage`, `user_roles` and `__EFMigrationsHistory` (SELECT). It has no
            TRUNCATE and no DDL, and may only read sequences.

            ## Relations

            A new tenant's database is cloned, and a clone costs by the number of its files. Schema `public` has
            {{_relations.Values.Sum()}} relations: {{relations}}.
            So an index is there only for a list or filter that uses it:

            | index | unique | columns | what uses it |
            |---|---|---|---|
            """);
        foreach (var (index, type) in tables.SelectMany(t => t.Indexes.Select(i => (i, types[t.Name]))))
        {
            var properties = index.MappedIndexes.First().Properties.Select(p => p.Name).ToList();
            var lookup = type.GetCustomAttributes<LookupAttribute>()
                .Single(l => l.Properties.SequenceEqual(properties));
            var columns = string.Join(", ", index.Columns.Select(c => $"`{c.Name}`"));
            Line($"| `{index.Name}` | {(index.IsUnique ? "yes" : "")} | {columns} | {lookup.Purpose} |");
        }

        Line("""
            | `users_email_key` | yes | `lower(email)` | signing in by e-mail, whatever its case |
            | `users_username_key` | yes | `lower(username)` | signing in by name, whatever its case |

            Beside these there is each table's primary key. A foreign key gets no index by itself.

            ## Diagram

            ```mermaid
            erDiagram
            """);
        foreach (var foreign in tables.SelectMany(t => t.ForeignKeyConstraints)
            .OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            var cardinality = foreign.Columns.Any(c => c.IsNullable) ? "|o--o{" : "||--o{";
            Line($"    {foreign.PrincipalTable.Name} {cardinality} {foreign.Table.Name} : {foreign.Columns[0].Name}");
        }

        Line("```");
        foreach (var table in tables)
        {
            Write(table, types[table.Name]);
        }
    }

    private void Write(ITable table, Type type)
    {
        var (about, source) = Split(table.Comment);
        var unregulated = type.GetCustomAttribute<UnregulatedAttribute>();
        var recorded = unregulated is null ? "Changes are recorded." : $"Not recorded: {unregulated.Why}.";
        Line($"""

            ## {table.Name}

            {about} Source: {source}. {recorded}

            | column | type | null | default | what it is | source |
            |---|---|---|---|---|---|
            """);
        foreach (var column in table.Columns.OrderBy(c => c.Order ?? int.MaxValue).ThenBy(c => Place(type, c)))
        {
            var (what, from) = Split(column.Comment);
            var one = type.GetProperty(column.PropertyMappings[0].Property.Name)!.GetCustomAttribute<OneOfAttribute>();
            var reference = table.ForeignKeyConstraints.SingleOrDefault(f => f.Columns.Contains(column));
            var words = string.Concat(
                what,
                one is null ? "" : $" One of {string.Join(", ", one.Values.Select(v => $"`{v}`"))}.",
                reference is null ? "" : $" → `{reference.PrincipalTable.Name}`{OnDelete(reference)}.");
            var key = table.PrimaryKey!.Columns.Contains(column) ? " (key)" : "";
            var value = column.DefaultValueSql is { } sql ? $"`{sql}`" : "";
            Line($"| `{column.Name}`{key} | {column.StoreType} | {(column.IsNullable ? "yes" : "")} | {value} "
                + $"| {words.Replace("|", "\\|", StringComparison.Ordinal)} | {from} |");
        }

        foreach (var check in type.GetCustomAttributes<CheckAttribute>())
        {
            Line($"\nRule `{table.Name}_{check.Name}_check`: `{check.Sql}`.");
        }
    }

    private static string OnDelete(IForeignKeyConstraint reference) => reference.OnDeleteAction switch
    {
        Microsoft.EntityFrameworkCore.Migrations.ReferentialAction.Cascade => ", goes with it",
        Microsoft.EntityFrameworkCore.Migrations.ReferentialAction.SetNull => ", emptied when that goes",
        _ => "",
    };

    private static int Place(Type type, IColumn column) =>
        Array.FindIndex(type.GetProperties(), p => p.Name == column.PropertyMappings[0].Property.Name);

    private static (string About, string Source) Split(string? comment)
    {
        var match = Comment().Match(comment ?? "");
        return (match.Groups[1].Value, match.Groups[2].Value);
    }

    private void Line(string text) => _text.Append(CultureInfo.InvariantCulture, $"{text}\n");

    [GeneratedRegex(@"^(.*) \[([^\]]+)\]$")]
    private static partial Regex Comment();
}
