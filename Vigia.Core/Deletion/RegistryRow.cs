using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Master;
using Vigia.Core.Tenants;

namespace Vigia.Core.Deletion;

/// <summary>A whole row of <c>clientes_saas</c> as JSON, the product's own extra columns included, and back.</summary>
internal sealed record RegistryRow(TenantState State, bool IsActive, string? Subdomain)
{
    /// <summary>The row as it is now.</summary>
    public static Task<string> SaveAsync(MasterContext db, int tenantId, CancellationToken cancellationToken) =>
        db.Database.SqlQuery<string>($"""SELECT to_jsonb(c)::text AS "Value" FROM public.clientes_saas c WHERE id = {tenantId}""").SingleAsync(cancellationToken);

    /// <summary>The parts of a saved row that decide what happens next.</summary>
    public static RegistryRow Read(string row)
    {
        using var json = JsonDocument.Parse(row);
        var root = json.RootElement;
        return new RegistryRow(
            Enum.Parse<TenantState>(root.GetProperty("state").GetString()!, ignoreCase: true),
            root.GetProperty("is_active").ValueKind == JsonValueKind.True,
            root.GetProperty("subdominio").GetString());
    }

    /// <summary>
    /// Inserts a saved row again, every column of it, as <c>provisioning</c> and inactive. Unique violations tell which name is taken;
    /// RUC and sub-domain win over what anybody else may be inserting because the indexes decide.
    /// </summary>
    public static Task<int> InsertAsync(MasterContext db, string row, string subdomain, string? databaseName, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO public.clientes_saas
            SELECT (jsonb_populate_record(NULL::public.clientes_saas,
                {row}::jsonb || jsonb_build_object('subdominio', {subdomain}::text, 'db_name', {databaseName}::text, 'state', 'provisioning', 'is_active', false))).*
            """, cancellationToken);
}
