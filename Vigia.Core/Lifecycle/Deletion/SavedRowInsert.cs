using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using NpgsqlTypes;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>
/// Inserts a saved row of <c>clientes_saas</c> again. The product or the portal may have changed the table since: added
/// columns get their default, removed columns are left out.
/// </summary>
internal static class SavedRowInsert
{
    private static readonly JsonSerializerOptions AnyDepth = new() { MaxDepth = StorableJson.AnyDepth.MaxDepth };

    // Generated columns can't be inserted. The types come from the table, and only for inserted columns, so that a
    // domain of another column is not checked.
    private const string ColumnsSql = """
        SELECT attname, format('%I', attname), format_type(atttypid, atttypmod), attnotnull
        FROM pg_attribute
        WHERE attrelid = 'public.clientes_saas'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
        ORDER BY attnum
        """;

    private const string GeneratedSql = """
        SELECT attname FROM pg_attribute
        WHERE attrelid = 'public.clientes_saas'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated <> ''
        """;

    /// <summary>
    /// Inserts the row as <c>provisioning</c> and inactive. A unique violation says which name is taken. The unique
    /// indexes on RUC and sub-domain decide against concurrent inserts.
    /// </summary>
    /// <returns>
    /// The saved non-null values of columns that the table no longer has; the registry no longer contains them.
    /// </returns>
    /// <exception cref="PostgresException">A unique violation.</exception>
    /// <exception cref="RuleException">
    /// <c>registry_row_refused</c>: the table refuses the row for another reason, which the message contains.
    /// </exception>
    public static async Task<IReadOnlyDictionary<string, string>> RunAsync(
        MasterContext db, string row, string subdomain, string? databaseName, CancellationToken cancellationToken)
    {
        var saved = JsonNode.Parse(row, documentOptions: StorableJson.AnyDepth)!.AsObject();
        (saved["subdominio"], saved["db_name"], saved["state"], saved["is_active"]) =
            (subdomain, databaseName, "provisioning", false);
        var columns = await ReadAsync(
            db, ColumnsSql, r => new Column(r.GetString(0), r.GetString(1), r.GetString(2), r.GetBoolean(3)),
            cancellationToken);

        // A null for a column that is NOT NULL by now is left out, so that the column gets its default.
        var inserted = columns.Where(
            c => saved.TryGetPropertyValue(c.Name, out var value) && (value is not null || !c.IsNotNull)).ToList();
        await InsertAsync(db, inserted, saved.ToJsonString(AnyDepth), cancellationToken);

        var generated = await ReadAsync(db, GeneratedSql, r => r.GetString(0), cancellationToken);
        var known = columns.Select(c => c.Name).Concat(generated).ToHashSet(StringComparer.Ordinal);
        return saved.Where(p => p.Value is not null && !known.Contains(p.Key))
            .ToDictionary(p => p.Key, p => Text(p.Value!));
    }

    private static string Text(JsonNode value) =>
        value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString(AnyDepth);

    // The catalogue returns identifiers and types already quoted. OVERRIDING SYSTEM VALUE: the id may be GENERATED
    // ALWAYS.
    private static async Task InsertAsync(
        MasterContext db, List<Column> columns, string row, CancellationToken cancellationToken)
    {
        var sql = $"""
            INSERT INTO public.clientes_saas ({string.Join(", ", columns.Select(c => c.Quoted))})
            OVERRIDING SYSTEM VALUE
            SELECT {string.Join(", ", columns.Select(c => "r." + c.Quoted))}
            FROM jsonb_to_record($1) AS r({string.Join(", ", columns.Select(c => $"{c.Quoted} {c.Type}"))})
            """;
        await using var command = Command(db, sql);
        command.Parameters.Add(new() { Value = row, NpgsqlDbType = NpgsqlDbType.Jsonb });
        try
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException e) when (IsAboutTheRow(e))
        {
            throw new RuleException(new Message("registry_row_refused", e.MessageText).Bounded());
        }
    }

    // A value, a constraint, or an error raised by a trigger of the product. A taken name and a missing right have
    // their own messages, and transient errors are retried.
    private static bool IsAboutTheRow(PostgresException e) => !SqlStates.IsTransient(e.SqlState)
        && e.SqlState is not (PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.InsufficientPrivilege);

    private static async Task<List<T>> ReadAsync<T>(
        MasterContext db, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var command = Command(db, sql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var all = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            all.Add(read(reader));
        }

        return all;
    }

    // On the context's own connection and in its transaction.
    private static NpgsqlCommand Command(MasterContext db, string sql) =>
        new(sql, (NpgsqlConnection)db.Database.GetDbConnection(),
            (NpgsqlTransaction?)db.Database.CurrentTransaction?.GetDbTransaction());

    private sealed record Column(string Name, string Quoted, string Type, bool IsNotNull);
}
