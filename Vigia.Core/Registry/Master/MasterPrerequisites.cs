using Npgsql;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Registry.Master;

/// <summary>
/// The requirements for the master database and its server. Checked before anything is written there, because a
/// migration that fails in the middle, or a name that can't be stored a month later, is harder to mend.
/// </summary>
internal static class MasterPrerequisites
{
    // The oldest version that the portal is tested with. The text of master_version names it too.
    private const int Oldest = 15;

    // 6 is UTF8, -1 any encoding.
    private const string Sql = """
        SELECT current_database()::text, pg_encoding_to_char(encoding)::text, current_setting('server_version')::text,
            (SELECT count(*) FROM pg_collation
             WHERE collname IN ('es-PE-x-icu', 'und-x-icu') AND collencoding IN (-1, 6)) >= 2,
            EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')
                OR EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm')
        FROM pg_database WHERE datname = current_database()
        """;

    // The columns that are read, with what they may be. A registry that the product made may have them already. A
    // timestamp without time zone says no moment, and a value of the wrong type would end every list.
    private const string ColumnsSql = """
        SELECT a.attname, format_type(a.atttypid, a.atttypmod), w.type, t.typname = ANY (w.allowed),
               w.needed AND NOT a.attnotnull, t.typname = 'timestamp'
        FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_type d ON d.oid = a.atttypid
        JOIN pg_type t ON t.oid = CASE WHEN d.typtype = 'd' THEN d.typbasetype ELSE d.oid END
        JOIN (VALUES
            ('text', '{text,varchar,bpchar,citext}'::text[], false,
                '{ruc,razon_social,subdominio,correo_acceso,contacto_nombre,plan,entorno}'::text[]),
            ('text', '{text,varchar,bpchar,citext}', false,
                '{db_name,inactive_kind,inactive_reason_code,inactive_reason}'),
            ('text', '{text,varchar,bpchar,citext}', true, '{state}'),
            ('integer', '{int2,int4}', false,
                '{id,max_comprobantes,max_usuarios,max_establecimientos,server_id,schema_version}'),
            ('integer', '{int2,int4}', true, '{limits_revision,limits_applied_revision}'),
            ('boolean', '{bool}', false, '{is_active,limitar_emision}'),
            ('jsonb', '{jsonb}', false, '{config}'),
            ('timestamptz', '{timestamptz}', false, '{inactive_since,tokens_valid_after,expires_at}'),
            ('timestamptz', '{timestamptz}', true, '{created_at,updated_at}')) AS w(type, allowed, needed, names)
            ON a.attname = ANY (w.names)
        WHERE n.nspname = 'public' AND c.relname = 'clientes_saas' AND a.attnum > 0 AND NOT a.attisdropped
          AND (t.typname <> ALL (w.allowed) OR (w.needed AND NOT a.attnotnull))
        ORDER BY a.attnum
        """;

    /// <summary>Throws when something is missing.</summary>
    /// <exception cref="RuleException">
    /// <c>master_version</c>, <c>master_encoding</c>, <c>master_without_icu</c>, <c>master_without_time_zones</c>,
    /// <c>master_without_trgm</c>, <c>registry_columns</c>.
    /// </exception>
    public static async Task DemandAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, session);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var (database, encoding, version) = (reader.GetString(0), reader.GetString(1), reader.GetString(2));
        if (session.PostgreSqlVersion.Major < Oldest)
        {
            throw new RuleException("master_version", version);
        }

        if (encoding != "UTF8")
        {
            throw new RuleException("master_encoding", database, encoding);
        }

        if (!reader.GetBoolean(3))
        {
            throw new RuleException("master_without_icu", version);
        }

        if (!reader.GetBoolean(4))
        {
            throw new RuleException("master_without_trgm", version);
        }

        await reader.DisposeAsync();
        await DemandTimeZoneAsync(session, cancellationToken);
        await DemandColumnsAsync(session, cancellationToken);
    }

    // Not by pg_timezone_names, which reads every file of the server's time zones each time.
    private static async Task DemandTimeZoneAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT now() AT TIME ZONE 'America/Lima'", session);
        try
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidParameterValue)
        {
            throw new RuleException("master_without_time_zones");
        }
    }

    private static async Task DemandColumnsAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        var (wrong, statements) = (new List<string>(), new List<string>());
        await using var command = new NpgsqlCommand(ColumnsSql, session);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (name, type, wanted) = (reader.GetString(0), reader.GetString(1), reader.GetString(2));
            var (isOfType, mayBeNull, isLocal) = (reader.GetBoolean(3), reader.GetBoolean(4), reader.GetBoolean(5));
            var change = $"ALTER TABLE public.clientes_saas ALTER COLUMN {name}";
            wrong.Add($"{name} {type}{(mayBeNull ? " NULL" : "")}");
            if (!isOfType)
            {
                var value = isLocal ? $"{name} AT TIME ZONE 'UTC'" : $"{name}::{wanted}";
                statements.Add($"{change} TYPE {wanted} USING {value};");
            }

            if (mayBeNull)
            {
                var empty = wanted switch { "timestamptz" => "now()", "integer" => "0", _ => "'unmanaged'" };
                statements.Add($"UPDATE public.clientes_saas SET {name} = {empty} WHERE {name} IS NULL;");
                statements.Add($"{change} SET NOT NULL;");
            }
        }

        if (wrong.Count > 0)
        {
            throw new RuleException("registry_columns", string.Join(", ", wrong), string.Join(' ', statements));
        }
    }
}
