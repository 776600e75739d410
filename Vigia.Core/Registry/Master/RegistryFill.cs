using Npgsql;
using Vigia.Core.Postgres;

namespace Vigia.Core.Registry.Master;

/// <summary>
/// Completes the registry: values that the product left out, and the text that searches use. Each transaction changes a
/// few rows, so that the product waits only briefly for a row. Nothing is written when nothing is missing. Rows that
/// bypassed the triggers (such as a table restored from its own dump) are found here too.
/// </summary>
internal static class RegistryFill
{
    private const int Batch = 500;

    private const string ValuesSql = """
        WITH lacking AS (
            SELECT id FROM public.clientes_saas
            WHERE id > $1
              AND (is_active IS NULL OR limitar_emision IS NULL OR (db_name IS NULL AND subdominio IS NOT NULL))
            ORDER BY id LIMIT $2),
        written AS (
            UPDATE public.clientes_saas c SET
                is_active = coalesce(c.is_active, true),
                limitar_emision = coalesce(c.limitar_emision, false),
                db_name = coalesce(c.db_name, 'vigia_' || c.subdominio)
            FROM lacking WHERE c.id = lacking.id)
        SELECT max(id) FROM lacking
        """;

    private const string OrphansSql =
        "DELETE FROM portal.tenant_search s WHERE NOT EXISTS (SELECT FROM public.clientes_saas c WHERE c.id = s.id)";

    // FOR SHARE keeps the row unchanged until its text is committed. A change by the product comes after that, and its
    // trigger writes the final text.
    private const string SearchSql = """
        WITH stale AS (
            SELECT c.id, portal.search_text(c.ruc, c.razon_social, c.subdominio, c.correo_acceso) AS folded
            FROM public.clientes_saas c LEFT JOIN portal.tenant_search s ON s.id = c.id
            WHERE c.id > $1
              AND s.folded IS DISTINCT FROM portal.search_text(c.ruc, c.razon_social, c.subdominio, c.correo_acceso)
            ORDER BY c.id LIMIT $2 FOR SHARE OF c),
        written AS (
            INSERT INTO portal.tenant_search (id, folded) SELECT id, folded FROM stale
            ON CONFLICT (id) DO UPDATE SET folded = EXCLUDED.folded)
        SELECT max(id) FROM stale
        """;

    /// <summary>Completes everything. May be repeated after an error.</summary>
    public static async Task RunAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await RunBatchesAsync(session, ValuesSql, cancellationToken);
        await MasterDatabase.ExecuteAsync(session, OrphansSql, cancellationToken);
        var batches = await RunBatchesAsync(session, SearchSql, cancellationToken);
        if (batches > 1)
        {
            // The planner needs statistics on the table to choose the index.
            await MasterDatabase.ExecuteAsync(session, "ANALYZE portal.tenant_search", cancellationToken);
        }
    }

    // Each batch begins where the previous one ended, so that the table is read only once.
    private static async Task<int> RunBatchesAsync(
        NpgsqlConnection session, string sql, CancellationToken cancellationToken)
    {
        var batches = 0;
        await using var command = new NpgsqlCommand(sql, session)
        {
            Parameters = { new() { Value = int.MinValue }, new() { Value = Batch } },
            CommandTimeout = 0,
        };
        while (await command.ExecuteScalarAsync(cancellationToken) is int last)
        {
            command.Parameters[0].Value = last;
            batches++;
        }

        return batches;
    }
}
