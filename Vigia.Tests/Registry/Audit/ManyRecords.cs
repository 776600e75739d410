namespace Vigia.Tests.Registry.Audit;

/// <summary>Statements that fill the audit trail, faster than committing would. Nobody verifies it.</summary>
internal static class ManyRecords
{
    /// <summary>Records of some tenants and people, of whom one left long ago. A superuser writes them.</summary>
    public static string[] Of(int count, int tenants = 300) =>
    [
        $"""
        INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso)
        SELECT '20' || lpad(i::text, 9, '0'),
               CASE WHEN i % 3 = 0 THEN 'Botica ' ELSE 'Clínica ' END || i || ' S.A.C.', 'c-' || i, 'a@c.pe'
        FROM generate_series(1, {tenants}) i;
        INSERT INTO portal.audit_events (
            seq, at, actor_id, actor_name, action, tenant_id, body, previous_hash, hash, signature_meaning)
        SELECT 100 + i, now(),
               ('00000000-0000-0000-0000-0000000000' || CASE WHEN i <= 50 THEN 77 ELSE 78 END)::uuid,
               'Persona Número ' || i % 40,
               CASE WHEN i % 997 = 5 THEN 'rare.thing' WHEN i % 2 = 0 THEN 'tenant.created' ELSE 'staff.signed_in' END,
               (SELECT min(id) FROM clientes_saas) + i % {tenants}, 'x', '', '', CASE WHEN i % 100 = 1 THEN 'x' END
        FROM generate_series(1, {count}) i;
        ANALYZE clientes_saas; ANALYZE portal.tenant_search
        """,
        "VACUUM ANALYZE portal.audit_events",
    ];
}
