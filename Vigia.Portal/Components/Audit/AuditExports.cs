using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using CsvHelper;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Registry.Audit;
using Vigia.Portal.Components.Access;

namespace Vigia.Portal.Components.Audit;

/// <summary>
/// Exports the audit trail as a streamed file: CSV for spreadsheets, JSON lines for programs. Every row contains its
/// hash, so a single row that is kept elsewhere proves all records before it.
/// </summary>
internal static class AuditExports
{
    private const int NamedAtOnce = 500;

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

    private static async Task ExportAsync(
        HttpContext context, string format, AuditReader reader, AuditSentences sentences, TimeProvider time)
    {
        if (format is not ("csv" or "jsonl"))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var actor = StaffSession.ActorOf(context.User, context.Connection.RemoteIpAddress?.ToString());
        var filter = AuditListView.Parse(context.Request.Query.ToDictionary(p => p.Key, p => p.Value))
            .ToFilter(sentences);
        await using var rows = RowsAsync(
            actor, reader, reader.ExportAsync(actor, filter, format, context.RequestAborted), context.RequestAborted)
            .GetAsyncEnumerator(context.RequestAborted);

        // The first read refuses, records and throws. So it comes before the first byte of the answer.
        var isMore = await rows.MoveNextAsync();
        context.Response.ContentType = format == "csv" ? "text/csv; charset=utf-8" : "application/jsonl; charset=utf-8";
        context.Response.Headers.ContentDisposition =
            $"attachment; filename=\"auditoria-{LimaTime.In(time.GetUtcNow()):yyyyMMdd-HHmm}.{format}\"";
        context.Response.Headers.CacheControl = "no-store";
        await (format == "csv" ? WriteCsvAsync(context.Response.Body, rows, isMore, context.RequestAborted)
            : WriteLinesAsync(context.Response.Body, rows, isMore, context.RequestAborted));
    }

    // The names of some records at a time, so that a long file is not held in memory.
    private static async IAsyncEnumerable<AuditRow> RowsAsync(
        Actor actor, AuditReader reader, IAsyncEnumerable<AuditEvent> records,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var some in records.Chunk(NamedAtOnce).WithCancellation(cancellationToken))
        {
            var names = await reader.NamesAsync(actor, some, null, cancellationToken);
            foreach (var record in some)
            {
                yield return AuditRow.Of(record, names);
            }
        }
    }

    private static async Task WriteCsvAsync(
        Stream body, IAsyncEnumerator<AuditRow> rows, bool isMore, CancellationToken cancellationToken)
    {
        await using var csv = CsvWriter.Create(body, Csv, leaveOpen: true);
        await csv.WriteRecordAsync(AuditRow.Columns, cancellationToken);
        for (; isMore; isMore = await rows.MoveNextAsync())
        {
            await csv.WriteRecordAsync(rows.Current.Cells()!, cancellationToken);
        }
    }

    private static async Task WriteLinesAsync(
        Stream body, IAsyncEnumerator<AuditRow> rows, bool isMore, CancellationToken cancellationToken)
    {
        for (; isMore; isMore = await rows.MoveNextAsync())
        {
            await JsonSerializer.SerializeAsync(body, rows.Current, Json, cancellationToken);
            await body.WriteAsync("\n"u8.ToArray(), cancellationToken);
        }
    }
}
