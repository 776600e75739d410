using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>A whole row of <c>clientes_saas</c> as JSON, including the product's extra columns.</summary>
internal sealed record SavedRow(TenantState State, bool IsActive, string? Subdomain, string? AccessEmail)
{
    /// <summary>Returns the row as it is now.</summary>
    public static Task<string> SaveAsync(MasterContext db, int tenantId, CancellationToken cancellationToken) =>
        db.Database.SqlQuery<string>(
            $"""SELECT to_jsonb(c)::text AS "Value" FROM public.clientes_saas c WHERE id = {tenantId}""")
            .SingleAsync(cancellationToken);

    /// <summary>
    /// Returns the row as it is now, but with the columns that the request for deletion changed as they were before it.
    /// The deletion may have waited for days, while the product kept writing its own columns.
    /// </summary>
    public static Task<string> SaveAsync(
        MasterContext db, int tenantId, string before, CancellationToken cancellationToken) =>
        db.Database.SqlQuery<string>(
            $"""
            SELECT (to_jsonb(c) || jsonb_build_object(
                'state', b.row -> 'state', 'is_active', b.row -> 'is_active',
                'tokens_valid_after', b.row -> 'tokens_valid_after'))::text AS "Value"
            FROM public.clientes_saas c, (SELECT {before}::jsonb AS row) b
            WHERE c.id = {tenantId}
            """).SingleAsync(cancellationToken);

    /// <summary>
    /// Updates the row in the trash with edits made during a restore that is being cancelled: people can edit the row
    /// while the restore is failed, and the product always can. The columns that the restore itself changed keep their
    /// saved values.
    /// </summary>
    public static Task UpdateTrashAsync(
        MasterContext db, int tenantId, Guid restore, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            UPDATE portal.tenant_trash t
            SET row = t.row || to_jsonb(c) || jsonb_build_object(
                    'state', t.row -> 'state', 'is_active', t.row -> 'is_active',
                    'subdominio', t.row -> 'subdominio', 'db_name', t.row -> 'db_name'),
                ruc = coalesce(c.ruc, ''), legal_name = coalesce(c.razon_social, ''),
                plan = c.plan, environment = c.entorno,
                ever_in_production = t.ever_in_production
                    OR EXISTS (SELECT FROM portal.databases d WHERE d.tenant_id = t.id AND d.ever_in_production)
            FROM public.clientes_saas c
            WHERE t.id = {tenantId} AND t.restore_operation_id = {restore} AND c.id = t.id AND c.state <> 'ready'
            """, cancellationToken);

    /// <summary>Returns the parts of a saved row that decide how to continue.</summary>
    public static SavedRow Read(string row)
    {
        using var json = JsonDocument.Parse(row, StorableJson.AnyDepth);
        var root = json.RootElement;
        return new SavedRow(
            TrashedTenant.ReadState(root),
            root.GetProperty("is_active").ValueKind == JsonValueKind.True,
            root.GetProperty("subdominio").GetString(),
            root.TryGetProperty("correo_acceso", out var email) ? email.GetString() : null);
    }
}
