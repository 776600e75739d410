namespace Vigia.Tests.Tenants;

/// <summary>Statements that fill a registry, faster than registering would.</summary>
internal static class ManyTenants
{
    /// <summary>
    /// Tenants with equal names, missing plans, every state, and words that all have, one in four has, or none.
    /// </summary>
    public static string[] Of(int count) =>
    [
        $"""
        INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso, plan, state, created_at)
        SELECT '20' || lpad(i::text, 9, '0'),
               (ARRAY['Ñandú', 'Luz', 'álamo', 'Nube'])[1 + i % 4] || CASE WHEN i % 3 = 0 THEN ' ' || i ELSE '' END,
               'nube-' || i, 'a@nube.pe', (ARRAY['basico', NULL, 'medio'])[1 + i % 3],
               (ARRAY['ready', 'registered', 'failed', 'ready'])[1 + i % 4],
               date_trunc('minute', now()) - (i % 7) * interval '1 day'
        FROM generate_series(1, {count}) i
        """,
        "VACUUM ANALYZE clientes_saas", "VACUUM ANALYZE portal.tenant_search",
    ];

    /// <summary>21,000 tenants in one state, and about twenty in each of the others.</summary>
    public static string[] WithFewOfEachKind(string state) =>
    [
        .. Of(21_000),
        $"""
        UPDATE clientes_saas SET state = '{state}';
        UPDATE clientes_saas SET expires_at = now() - interval '1 day' WHERE id % 997 = 1;
        UPDATE clientes_saas SET expires_at = now() + interval '1 year' WHERE id % 3 = 1 AND id % 997 <> 1;
        UPDATE clientes_saas SET is_active = false, inactive_kind = 'expired' WHERE id % 997 = 2;
        UPDATE clientes_saas SET is_active = false, inactive_kind = 'suspended' WHERE id % 997 = 3;
        UPDATE clientes_saas SET is_active = false, inactive_kind = 'withdrawn' WHERE id % 997 = 4;
        UPDATE clientes_saas SET state = 'registered', is_active = false WHERE id % 997 = 5;
        UPDATE clientes_saas SET state = 'failed' WHERE id % 997 = 6;
        UPDATE clientes_saas SET state = CASE '{state}' WHEN 'ready' THEN 'unmanaged' ELSE 'ready' END
            WHERE id % 997 = 7;
        UPDATE clientes_saas SET entorno = CASE id % 997 WHEN 8 THEN 'demo' ELSE 'produccion' END
        """,
        "VACUUM ANALYZE clientes_saas",
    ];
}
