using System.Text.Encodings.Web;
using System.Text.Json;
using CsvHelper;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Audit;

/// <summary>
/// Exports the audit trail as a streamed file: CSV for spreadsheets, JSON lines for programs. Every row contains its
/// hash, so a single row that is kept elsewhere proves all records before it.
/// </summary>
internal static class AuditExports
{
    // A cell that a spreadsheet would read as a formula gets a leading apostrophe (OWASP, CSV injection). Excel reads
    // UTF-8 only with a byte order mark.
    private static readonly CsvWriterOptions Csv = new() { Injection = CsvInjection.Escape, WriteByteOrderMark = true };

    private static readonly JsonSerializerOptions Json =
        new()
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping
        };

    public static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet(PortalUrls.AuditExport("{format}"), ExportAsync)
            .RequireAuthorization(RightPolicies.Of(Rights.AuditExport)).WithMetadata(new SameOriginOnlyAttribute());

    private static async Task ExportAsync(HttpContext context, string format, AuditReader reader, TimeProvider time)
    {
        if (format is not ("csv" or "jsonl"))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var actor = StaffSession.ActorOf(context.User, context.Connection.RemoteIpAddress?.ToString());
        var filter = AuditListView.Parse(context.Request.Query.ToDictionary(p => p.Key, p => p.Value)).ToFilter();
        await using var records = reader.ExportAsync(actor, filter, format, context.RequestAborted)
            .GetAsyncEnumerator(context.RequestAborted);

        // The first read refuses, records and throws. So it comes before the first byte of the answer.
        var isMore = await records.MoveNextAsync();
        context.Response.ContentType = format == "csv" ? "text/csv; charset=utf-8" : "application/jsonl; charset=utf-8";
        context.Response.Headers.ContentDisposition =
            $"attachment; filename=\"auditoria-{LimaTime.In(time.GetUtcNow()):yyyyMMdd-HHmm}.{format}\"";
        context.Response.Headers.CacheControl = "no-store";
        await (format == "csv" ? WriteCsvAsync(context.Response.Body, records, isMore, context.RequestAborted)
            : WriteLinesAsync(context.Response.Body, records, isMore, context.RequestAborted));
    }

    private static async Task WriteCsvAsync(
        Stream body, IAsyncEnumerator<AuditEvent> records, bool isMore, CancellationToken cancellationToken)
    {
        await using var csv = CsvWriter.Create(body, Csv, leaveOpen: true);
        await csv.WriteRecordAsync(AuditRow.Columns, cancellationToken);
        for (; isMore; isMore = await records.MoveNextAsync())
        {
            await csv.WriteRecordAsync(AuditRow.Of(records.Current).Cells()!, cancellationToken);
        }
    }

    private static async Task WriteLinesAsync(
        Stream body, IAsyncEnumerator<AuditEvent> records, bool isMore, CancellationToken cancellationToken)
    {
        for (; isMore; isMore = await records.MoveNextAsync())
        {
            await JsonSerializer.SerializeAsync(body, AuditRow.Of(records.Current), Json, cancellationToken);
            await body.WriteAsync("\n"u8.ToArray(), cancellationToken);
        }
    }
}
