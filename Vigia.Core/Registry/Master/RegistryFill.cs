using Npgsql;
using Vigia.Core.Postgres;

namespace Vigia.Core.Registry.Master;

/// <summary>
/// Completes the registry: values that the product left out, and the text that searches use. Each statement looks at a
/// range of rows and is a transaction of its own, so that the product waits only briefly for a row. Nothing is written
/// when nothing is missing. Rows that bypassed the triggers (such as a table restored from its own dump) are found here
/// too.
/// </summary>
internal static class RegistryFill
{
    /// <summary>The number of rows that one statement looks at.</summary>
    internal const int Range = 1_000;

    private const string ValuesSql = """
        WITH range AS (SELECT id FROM public.clientes_saas WHERE id > $1 ORDER BY id LIMIT $2),
        lacking AS (
            SELECT c.id FROM public.clientes_saas c JOIN range ON range.id = c.id
            WHERE c.is_active IS NULL OR c.limitar_emision IS NULL
               OR (c.db_name IS NULL AND c.subdominio IS NOT NULL)),
        written AS (
            UPDATE public.clientes_saas c SET
                is_active = coalesce(c.is_active, true),
                limitar_emision = coalesce(c.limitar_emision, false),
                db_name = coalesce(c.db_name, 'vigia_' || c.subdominio)
            FROM lacking WHERE c.id = lacking.id)
        SELECT max(id), (SELECT count(*) FROM lacking) FROM range
        """;

    private const string OrphansSql = """
        WITH range AS (SELECT id FROM portal.tenant_search WHERE id > $1 ORDER BY id LIMIT $2),
        orphans AS (
            SELECT id FROM range WHERE NOT EXISTS (SELECT FROM public.clientes_saas c WHERE c.id = range.id)),
        removed AS (DELETE FROM portal.tenant_search s USING orphans WHERE s.id = orphans.id)
        SELECT max(id), (SELECT count(*) FROM orphans) FROM range
        """;

    // FOR SHARE keeps the row unchanged until its text is committed. A change by the product comes after that, and its
    // trigger writes the final text.
    private const string SearchSql = """
        WITH range AS (SELECT id FROM public.clientes_saas WHERE id > $1 ORDER BY id LIMIT $2),
        stale AS (
            SELECT c.id, portal.search_text(c.ruc, c.razon_social, c.subdominio, c.correo_acceso) AS folded
            FROM public.clientes_saas c LEFT JOIN portal.tenant_search s ON s.id = c.id
            WHERE c.id IN (SELECT id FROM range)
              AND s.folded IS DISTINCT FROM portal.search_text(c.ruc, c.razon_social, c.subdominio, c.correo_acceso)
            FOR SHARE OF c),
        written AS (
            INSERT INTO portal.tenant_search (id, folded) SELECT id, folded FROM stale
            ON CONFLICT (id) DO UPDATE SET folded = EXCLUDED.folded)
        SELECT max(id), (SELECT count(*) FROM stale) FROM range
        """;

    /// <summary>Completes everything. May be repeated after an error.</summary>
    /// <param name="session">A session in the master.</param>
    /// <param name="pauseAsync">Runs between two statements.</param>
    public static async Task RunAsync(
        NpgsqlConnection session, Func<Task> pauseAsync, CancellationToken cancellationToken)
    {
        await RunRangesAsync(session, ValuesSql, pauseAsync, cancellationToken);
        await RunRangesAsync(session, OrphansSql, pauseAsync, cancellationToken);
        if (await RunRangesAsync(session, SearchSql, pauseAsync, cancellationToken) > Range)
        {
            // The planner needs statistics on the table to choose the index.
            await MasterDatabase.ExecuteAsync(session, "ANALYZE portal.tenant_search", cancellationToken);
        }
    }

    // Each range begins where the previous one ended. Returns the number of rows that were changed.
    private static async Task<long> RunRangesAsync(
        NpgsqlConnection session, string sql, Func<Task> pauseAsync, CancellationToken cancellationToken)
    {
        var changed = 0L;
        await using var command = new NpgsqlCommand(sql, session)
        {
            Parameters = { new() { Value = int.MinValue }, new() { Value = Range } },
            CommandTimeout = 0,
        };
        while (true)
        {
            await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            {
                await reader.ReadAsync(cancellationToken);
                if (await reader.IsDBNullAsync(0, cancellationToken))
                {
                    return changed;
                }

                command.Parameters[0].Value = reader.GetInt32(0);
                changed += reader.GetInt64(1);
            }

            await pauseAsync();
        }
    }
}
