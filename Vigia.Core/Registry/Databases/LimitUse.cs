using Npgsql;

namespace Vigia.Core.Registry.Databases;

/// <summary>
/// How the use of a limit is read in a tenant's database. A table that the portal's triggers count has a counter. The
/// rows of any other one are counted: an adopted database has such tables until its adoption is completed, and a
/// counter at 0 beside them.
/// </summary>
internal static class LimitUse
{
    private const string Month = "date_trunc('month', now() AT TIME ZONE 'America/Lima')";

    // The events of the triggers: 4 INSERT, 8 DELETE, 16 UPDATE. Issued documents are never taken back.
    private const string Sql = """
        SELECT to_regclass('public.tenant_usage') IS NOT NULL,
               (SELECT coalesce(bit_or(t.tgtype::integer) & 28 = 28, false) FROM pg_trigger t
                JOIN pg_proc f ON f.oid = t.tgfoid
                WHERE t.tgrelid = to_regclass('public.establecimientos') AND t.tgenabled IN ('O', 'A')
                  AND f.pronamespace = to_regnamespace('public') AND f.proname = 'count_active'),
               (SELECT coalesce(bit_or(t.tgtype::integer) & 20 = 20, false) FROM pg_trigger t
                JOIN pg_proc f ON f.oid = t.tgfoid
                WHERE t.tgrelid = to_regclass('public.comprobantes') AND t.tgenabled IN ('O', 'A')
                  AND f.pronamespace = to_regnamespace('public') AND f.proname = 'count_issued'),
               ARRAY(SELECT format('%s.%s %s', c.relname, a.attname, a.atttypid::regtype)
                FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                WHERE c.oid IN (to_regclass('public.establecimientos'), to_regclass('public.comprobantes'))
                  AND a.attnum > 0 AND NOT a.attisdropped AND has_column_privilege(c.oid, a.attnum, 'SELECT'))
        """;

    // The month in which a document counts, from the surest column to the one that the tenant fills. Columns that an
    // adoption added are empty in the rows that were there before.
    private static readonly (string Column, string Month)[] Dates =
    [
        ("comprobantes.periodo date", "date_trunc('month', periodo::timestamp)"),
        ("comprobantes.emitido_en timestamp with time zone",
            "date_trunc('month', emitido_en AT TIME ZONE 'America/Lima')"),
        ("comprobantes.fecha_emision date", "date_trunc('month', fecha_emision::timestamp)"),
    ];

    /// <summary>
    /// Returns two expressions: active establishments, and documents issued in this month of Lima. Each is null in a
    /// database that does not have what is counted.
    /// </summary>
    public static async Task<(string Establishments, string Documents)> ExpressionsAsync(
        NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, session);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var hasCounters = reader.GetBoolean(0);
        var columns = reader.GetFieldValue<string[]>(3);
        return (
            hasCounters && reader.GetBoolean(1)
                ? "coalesce((SELECT usado FROM public.tenant_usage WHERE limite = 'max_establecimientos'), 0)::bigint"
                : Establishments(columns),
            hasCounters && reader.GetBoolean(2)
                ? $"""
                  coalesce((SELECT usado FROM public.tenant_usage
                            WHERE limite = 'max_comprobantes' AND periodo = {Month}::date), 0)::bigint
                  """
                : Documents(columns));
    }

    private static string Establishments(string[] columns) =>
        columns.Contains("establecimientos.is_active boolean")
            ? "(SELECT count(*) FROM public.establecimientos WHERE is_active)" : "NULL::bigint";

    private static string Documents(string[] columns)
    {
        var months = Dates.Where(date => columns.Contains(date.Column)).Select(date => date.Month).ToList();
        return months.Count > 0 && columns.Any(c => c.StartsWith("comprobantes.estado ", StringComparison.Ordinal))
            ? "(SELECT count(*) FROM public.comprobantes WHERE estado::text <> 'borrador' "
                + $"AND coalesce({string.Join(", ", months)}) = {Month})"
            : "NULL::bigint";
    }
}
