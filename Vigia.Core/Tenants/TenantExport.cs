using System.Globalization;
using CsvHelper;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenants;

/// <summary>
/// Exports the filtered registry as a CSV file, with a few hundred rows in memory at a time. The columns are the fields
/// of the HTTP API, without <c>config</c>.
/// </summary>
// More than five dependencies: an export is recorded, and its rows are those of the list with addresses and states.
public sealed class TenantExport(
    IDbContextFactory<MasterContext> contexts, TenantSearch search, TenantUrls urls, AuditTrail audit,
    TimeProvider time, OneAtATime heavy)
{
    private const int Page = 500;

    // A cell that a spreadsheet would read as a formula gets an apostrophe before it (OWASP, CSV injection). Excel
    // reads UTF-8 only with the byte order mark.
    private static readonly CsvWriterOptions Csv = new() { Injection = CsvInjection.Escape, WriteByteOrderMark = true };

    private static readonly (string Name, Func<ExportedTenant, TenantUrls, object?> Value)[] Columns =
    [
        ("id", (t, _) => t.Row.Id), ("ruc", (t, _) => t.Row.Ruc), ("razon_social", (t, _) => t.Row.LegalName),
        ("subdominio", (t, _) => t.Row.Subdomain),
        ("url", (t, urls) => t.Row.Subdomain is { } subdomain ? urls.Of(subdomain) : null),
        ("correo_acceso", (t, _) => t.Row.AccessEmail),
        ("contacto_nombre", (t, _) => t.Row.ContactName), ("plan", (t, _) => t.Row.Plan),
        ("entorno", (t, _) => t.Row.Environment), ("status", (t, _) => TenantStatuses.CodeOf(t.Status)),
        ("managed", (t, _) => t.Row.State != TenantState.Unmanaged),
        ("state", (t, _) => LowerCaseConverter<TenantState>.TextOf(t.Row.State)),
        ("is_active", (t, _) => t.Row.IsActive), ("inactive_reason_code", (t, _) => t.Row.InactiveReasonCode),
        ("inactive_reason", (t, _) => t.Row.InactiveReason),
        ("inactive_since", (t, _) => t.Row.InactiveSince), ("limitar_emision", (t, _) => t.Row.LimitIssuance),
        ("max_comprobantes", (t, _) => t.Row.MaxDocuments),
        ("max_usuarios", (t, _) => t.Row.MaxUsers), ("max_establecimientos", (t, _) => t.Row.MaxEstablishments),
        ("db_name", (t, _) => t.Row.DatabaseName),
        ("schema_version", (t, _) => t.Row.SchemaVersion), ("expires_at", (t, _) => t.Row.ExpiresAt),
        ("created_at", (t, _) => t.Row.CreatedAt), ("updated_at", (t, _) => t.Row.UpdatedAt),
    ];

    /// <summary>
    /// Writes all matching tenants in the order of the list, not only one page. The export is recorded before the first
    /// row is written. <paramref name="destination"/> gets UTF-8 and stays open.
    /// </summary>
    /// <exception cref="AlreadyRunningException">The person has an export running. Nothing was written.</exception>
    public Task WriteCsvAsync(Actor actor, TenantQuery query, Stream destination, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsExport);
        return WriteAsync(actor, query, destination, cancellationToken);
    }

    private async Task WriteAsync(
        Actor actor, TenantQuery query, Stream destination, CancellationToken cancellationToken)
    {
        using var turn = heavy.Begin(actor.Id, HeavyCall.Export);
        int[] ids;
        await using (var recording = await contexts.OpenAsync(actor, cancellationToken))
        {
            ids = await search.OrderedIdsAsync(recording, query, cancellationToken);
            var after = new Dictionary<string, object?>
            {
                ["clients"] = ids.Length, ["q"] = SafeText.Storable(query.Q),
                ["plan"] = SafeText.Storable(query.Plan), ["entorno"] = SafeText.Storable(query.Environment),
                ["status"] = query.Status is { } status ? TenantStatuses.CodeOf(status) : null,
                ["is_active"] = query.IsActive, ["managed"] = query.IsManaged,
            };
            await audit.CommitAsync(
                recording, actor, new AuditEntry(
                "tenants.exported")
                { After = after.Where(p => p.Value is not null).ToDictionary() },
                cancellationToken);
        }

        await using var csv = CsvWriter.Create(destination, Csv, leaveOpen: true);
        await csv.WriteRecordAsync([.. Columns.Select(c => c.Name)], cancellationToken);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var now = time.GetUtcNow();

        // While the browser reads slowly, no statement is open. An open one would block the product's ALTER TABLE,
        // which would block every other statement behind it.
        foreach (var page in ids.Chunk(Page))
        {
            foreach (var tenant in await search.ReadForFileAsync(db, query, page, now, cancellationToken))
            {
                await csv.WriteRecordAsync([.. Columns.Select(c => Text(c.Value(tenant, urls))!)], cancellationToken);
            }
        }
    }

    private static string? Text(object? value) => value switch
    {
        bool flag => flag ? "true" : "false",
        DateTimeOffset at => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}

/// <summary>A tenant as the export writes it.</summary>
internal readonly record struct ExportedTenant(Tenant Row, TenantStatus Status);
