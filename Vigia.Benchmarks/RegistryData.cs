using Npgsql;

namespace Vigia.Benchmarks;

/// <summary>
/// Fills a master with 100,000 tenants, 1,000,000 operations and 1,000,000 audit records, with plain SQL. Nobody is
/// notified of them, and nobody verifies the records.
/// </summary>
internal static class RegistryData
{
    public const int Tenants = 100_000;

    private static readonly string[] Statements =
    [
        """
        ALTER TABLE portal.operations DISABLE TRIGGER USER;
        ALTER TABLE portal.audit_events DISABLE TRIGGER USER;
        ALTER TABLE public.clientes_saas DISABLE TRIGGER vigia_notify
        """,
        """
        INSERT INTO public.clientes_saas (
            ruc, razon_social, subdominio, correo_acceso, plan, entorno, is_active, state, db_name, server_id,
            schema_version, created_at)
        SELECT '20' || lpad(i::text, 9, '0'),
            (ARRAY['Botica', 'Laboratorio', 'Droguería', 'Clínica', 'Farmacéutica'])[1 + i % 5]
                || ' ' || initcap(translate(md5(i::text), '0123456789', 'aeioulmnrs')) || ' S.A.C.',
            'c-' || i, 'admin@c-' || i || '.pe', (ARRAY['basico', 'profesional', 'empresarial'])[1 + i % 3],
            CASE WHEN i % 20 = 0 THEN 'demo' ELSE 'produccion' END, true, 'ready', 'vigia_c-' || i, 1, 1,
            now() - i * interval '1 minute'
        FROM generate_series(1, 100000) AS i
        """,
        """
        INSERT INTO portal.databases (id, server_id, name, kind, tenant_id, schema_version, created_at)
        SELECT gen_random_uuid(), 1, db_name, 'tenant', id, 1, created_at FROM public.clientes_saas
        """,
        """
        INSERT INTO portal.operations (
            id, kind, state, tenant_id, ruc, subdomain, server_id, requested_by, requested_by_name, data, priority,
            attempt, crashes, epoch, created_at, started_at, finished_at, progress)
        SELECT gen_random_uuid(),
            (ARRAY['provision_tenant', 'apply_limits', 'rotate_credential', 'migrate_tenant'])[1 + i % 4],
            CASE WHEN i % 200 = 3 THEN 'failed' ELSE 'succeeded' END,
            (SELECT min(id) FROM public.clientes_saas) + i % 100000, '20', 'c', 1,
            '00000000-0000-0000-0000-000000000001', 'Ana', '{}', 0, 1, 0, 1, now() - i * interval '10 seconds',
            now() - i * interval '10 seconds', now() - i * interval '9 seconds', 100
        FROM generate_series(1, 900000) AS i
        """,
        """
        INSERT INTO portal.operations (
            id, kind, state, tenant_id, server_id, requested_by_name, data, priority, attempt, crashes, epoch,
            created_at, progress)
        SELECT gen_random_uuid(), 'apply_limits', 'queued', (SELECT min(id) FROM public.clientes_saas) + i, 1, 'Ana',
            '{}', 10, 0, 0, 0, now() - i * interval '1 second', 0
        FROM generate_series(0, 99999) AS i
        """,
        """
        INSERT INTO portal.operations (
            id, kind, state, server_id, requested_by, requested_by_name, data, priority, attempt, crashes, epoch,
            created_at, finished_at, progress, item_count)
        SELECT ('00000000-0000-0000-0001-00000000000' || i)::uuid, 'toggle_tenants', 'succeeded', 1,
            '00000000-0000-0000-0000-000000000001', 'Ana', '{}', 10, 1, 0, 1, now() - i * interval '1 day', now(),
            100, 100000
        FROM generate_series(1, 4) AS i;
        INSERT INTO portal.operation_items (operation_id, tenant_id, name, ruc, subdomain, state, at)
        SELECT ('00000000-0000-0000-0001-00000000000' || o)::uuid, t.id, t.razon_social, t.ruc, t.subdominio, 'done',
            now()
        FROM generate_series(1, 4) AS o, public.clientes_saas AS t
        """,
        """
        INSERT INTO portal.audit_events (
            seq, at, actor_name, action, tenant_id, ruc, subdomain, trace_id, via, body, previous_hash, hash)
        SELECT 1000 + i, now() - (1000001 - i) * interval '10 seconds', 'Persona Número ' || i % 40,
            (ARRAY['tenant.created', 'tenant.ready', 'tenant.suspended', 'tenant.reactivated', 'staff.signed_in'])
                [1 + i % 5],
            (SELECT min(id) FROM public.clientes_saas) + i % 100000, '20', 'c', md5(i::text), 'web',
            repeat('x', 300), '', ''
        FROM generate_series(1, 1000000) AS i
        """,
        // The records of an operation on all tenants, in the middle of the trail.
        """
        UPDATE portal.audit_events
        SET action = 'tenant.suspended', operation_id = '00000000-0000-0000-0001-000000000001'
        WHERE seq BETWEEN 500000 AND 599999
        """,
        "ALTER TABLE public.clientes_saas ENABLE TRIGGER vigia_notify",
        "VACUUM ANALYZE",
    ];

    /// <summary>Fills the tenants and their databases only.</summary>
    public static Task FillTenantsAsync(NpgsqlConnection session, CancellationToken cancellationToken) =>
        ExecuteAsync(session, [.. Statements[..3], .. Statements[^2..]], cancellationToken);

    public static Task FillAsync(NpgsqlConnection session, CancellationToken cancellationToken) =>
        ExecuteAsync(session, Statements, cancellationToken);

    private static async Task ExecuteAsync(
        NpgsqlConnection session, IEnumerable<string> statements, CancellationToken cancellationToken)
    {
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, session) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
