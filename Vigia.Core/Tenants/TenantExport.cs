using System.Globalization;
using CsvHelper;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Audit;
using Vigia.Core.Master;
using Vigia.Core.Staff;
using Vigia.Core.Text;

namespace Vigia.Core.Tenants;

/// <summary>The filtered registry as a CSV file, one row in memory at a time. Columns are the HTTP API's fields; <c>config</c> is not among them.</summary>
public sealed class TenantExport(IDbContextFactory<MasterContext> contexts, TenantSearch search, TenantUrls urls, AuditTrail audit, TimeProvider time)
{
    // A cell that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection); Excel reads UTF-8 only with the mark.
    private static readonly CsvWriterOptions Csv = new() { Injection = CsvInjection.Escape, WriteByteOrderMark = true };

    private static readonly (string Name, Func<ExportedTenant, TenantUrls, object?> Value)[] Columns =
    [
        ("id", (t, _) => t.Row.Id), ("ruc", (t, _) => t.Row.Ruc), ("razon_social", (t, _) => t.Row.LegalName), ("subdominio", (t, _) => t.Row.Subdomain),
        ("url", (t, urls) => t.Row.Subdomain is { } subdomain ? urls.Of(subdomain) : null), ("correo_acceso", (t, _) => t.Row.AccessEmail),
        ("contacto_nombre", (t, _) => t.Row.ContactName), ("plan", (t, _) => t.Row.Plan), ("entorno", (t, _) => t.Row.Environment), ("status", (t, _) => t.Status),
        ("is_active", (t, _) => t.Row.IsActive), ("inactive_reason_code", (t, _) => t.Row.InactiveReasonCode), ("inactive_reason", (t, _) => t.Row.InactiveReason),
        ("inactive_since", (t, _) => t.Row.InactiveSince), ("limitar_emision", (t, _) => t.Row.LimitIssuance), ("max_comprobantes", (t, _) => t.Row.MaxDocuments),
        ("max_usuarios", (t, _) => t.Row.MaxUsers), ("max_establecimientos", (t, _) => t.Row.MaxEstablishments), ("db_name", (t, _) => t.Row.DatabaseName),
        ("schema_version", (t, _) => t.Row.SchemaVersion), ("expires_at", (t, _) => t.Row.ExpiresAt), ("created_at", (t, _) => t.Row.CreatedAt), ("updated_at", (t, _) => t.Row.UpdatedAt),
    ];

    /// <summary>Writes every client that matches, in the list's order, whatever its page. That it was taken out is recorded before the first row leaves.</summary>
    /// <param name="actor">Who exports.</param>
    /// <param name="query">Which clients, and their order.</param>
    /// <param name="destination">Gets UTF-8; stays open.</param>
    /// <param name="cancellationToken">Ends the export.</param>
    public Task WriteCsvAsync(Actor actor, TenantQuery query, Stream destination, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsExport);
        return WriteAsync(actor, query, destination, cancellationToken);
    }

    private async Task WriteAsync(Actor actor, TenantQuery query, Stream destination, CancellationToken cancellationToken)
    {
        await using (var recording = await contexts.OpenAsync(actor, cancellationToken))
        {
            var after = new Dictionary<string, object?>
            {
                ["clients"] = await search.CountAsync(recording, query, cancellationToken), ["q"] = SafeText.Storable(query.Q),
                ["plan"] = SafeText.Storable(query.Plan), ["entorno"] = SafeText.Storable(query.Environment), ["status"] = SafeText.Storable(query.Status),
            };
            await audit.CommitAsync(recording, actor, new AuditEntry("tenants.exported") { After = after.Where(p => p.Value is not null).ToDictionary() }, cancellationToken);
        }

        await using var csv = CsvWriter.Create(destination, Csv, leaveOpen: true);
        await csv.WriteRecordAsync([.. Columns.Select(c => c.Name)], cancellationToken);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await foreach (var tenant in search.StreamAsync(db, query, time.GetUtcNow()).WithCancellation(cancellationToken))
        {
            await csv.WriteRecordAsync([.. Columns.Select(c => Text(c.Value(tenant, urls))!)], cancellationToken);
        }
    }

    private static string? Text(object? value) => value switch
    {
        bool flag => flag ? "true" : "false",
        DateTimeOffset at => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}

/// <summary>A client on its way into a file.</summary>
internal readonly record struct ExportedTenant(Tenant Row, string Status);
