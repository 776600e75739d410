using System.Data;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Staff;

namespace Vigia.Core.Audit;

/// <summary>Where the chain ended at some moment, as it was noted or exported then.</summary>
/// <param name="Seq">The last record's place; 0 for an empty chain.</param>
/// <param name="Hash">Its hash, hexadecimal.</param>
public sealed record AuditHeadMark(long Seq, string Hash);

/// <summary>What verifying found.</summary>
/// <param name="Rows">How many records were read.</param>
/// <param name="Head">Where the chain ends now, for keeping outside.</param>
/// <param name="FirstBroken">The place of the first record that does not hold; null when all do.</param>
/// <param name="Why">What is wrong with it.</param>
public sealed record AuditVerdict(long Rows, AuditHeadMark Head, long? FirstBroken, Message? Why)
{
    public bool Holds => FirstBroken is null;
}

/// <summary>
/// Walks the chain from the first record to the head (architecture section 10): every place is there, every hash is of the text stored, every column
/// says what that text says, and the end is where the head, and any head kept outside, says it is. One snapshot, one row in memory at a time.
/// </summary>
public sealed class AuditVerifier(IDbContextFactory<MasterContext> contexts, AuditTrail trail)
{
    private const int ReportEvery = 10_000;

    private const string Sql = """
        SELECT seq, at, actor_id, actor_name, actor_address, action, tenant_id, ruc, subdomain, before::text, after::text, reason, operation_id, trace_id,
               via, signature_meaning, signed_with, body, previous_hash, hash
        FROM portal.audit_events ORDER BY seq
        """;

    private static readonly string[] Columns =
        ["seq", "at", "actor_id", "actor_name", "actor_address", "action", "tenant_id", "ruc", "subdomain", "before", "after", "reason", "operation_id", "trace_id",
            "via", "signature_meaning", "signed_with"];

    private static readonly int[] JsonColumns = [9, 10];

    /// <summary>Verifies the whole chain.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="kept">A head noted or exported earlier; null for none.</param>
    /// <param name="progress">Told of records read and how many there are.</param>
    /// <param name="cancellationToken">Ends the walk.</param>
    public async Task<AuditVerdict> VerifyAsync(Actor actor, AuditHeadMark? kept, IProgress<(long Read, long Total)>? progress, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AuditVerify);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var head = await db.AuditHead.AsNoTracking().SingleAsync(cancellationToken);
        var mark = new AuditHeadMark(head.Seq, Convert.ToHexString(head.Hash));
        var key = trail.ReadKey(head);
        await using var command = new NpgsqlCommand(Sql, (NpgsqlConnection)db.Database.GetDbConnection());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (rows, previous) = (0L, new byte[32]);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (Judge(reader, rows + 1, previous, key) is { } why)
            {
                return new AuditVerdict(rows, mark, rows + 1, why);
            }

            rows++;
            previous = reader.GetFieldValue<byte[]>(19);
            if (kept is not null && kept.Seq == rows && !SameHash(kept, previous))
            {
                return new AuditVerdict(rows, mark, rows, new Message("audit_not_the_kept_head"));
            }

            if (rows % ReportEvery == 0)
            {
                progress?.Report((rows, head.Seq));
            }
        }

        return EndMissing(rows, previous, mark, kept)
            ? new AuditVerdict(rows, mark, rows + 1, new Message("audit_end_missing"))
            : new AuditVerdict(rows, mark, null, null);
    }

    private static bool EndMissing(long rows, byte[] last, AuditHeadMark head, AuditHeadMark? kept) => head.Seq != rows || !SameHash(head, last) || kept?.Seq > rows;

    private static bool SameHash(AuditHeadMark mark, byte[] hash) => string.Equals(mark.Hash, Convert.ToHexString(hash), StringComparison.OrdinalIgnoreCase);

    private static Message? Judge(NpgsqlDataReader row, long expected, byte[] previous, byte[]? key)
    {
        if (row.GetInt64(0) != expected)
        {
            return new Message("audit_row_missing");
        }

        var body = row.GetString(17);
        if (key is null || !row.GetFieldValue<byte[]>(18).AsSpan().SequenceEqual(previous)
            || !CryptographicOperations.FixedTimeEquals(row.GetFieldValue<byte[]>(19), HMACSHA256.HashData(key, (byte[])[.. previous, .. Encoding.UTF8.GetBytes(body)])))
        {
            return new Message("audit_row_altered");
        }

        using var said = JsonDocument.Parse(body);
        for (var column = 0; column < Columns.Length; column++)
        {
            // Records of before a column was added end earlier: it has to be empty there.
            var has = column < said.RootElement.GetArrayLength();
            if (has ? !Says(said.RootElement[column], row, column) : !row.IsDBNull(column))
            {
                return new Message("audit_column_altered", Columns[column]);
            }
        }

        return null;
    }

    private static bool Says(JsonElement said, NpgsqlDataReader row, int column)
    {
        if (row.IsDBNull(column) || said.ValueKind == JsonValueKind.Null)
        {
            return row.IsDBNull(column) && said.ValueKind == JsonValueKind.Null;
        }

        if (JsonColumns.Contains(column))
        {
            using var was = JsonDocument.Parse(said.GetString()!);
            using var now = JsonDocument.Parse(row.GetString(column));
            return JsonElement.DeepEquals(was.RootElement, now.RootElement);
        }

        return said.ToString() == row.GetValue(column) switch
        {
            DateTime at => at.ToUniversalTime().ToString("O"),
            var value => Convert.ToString(value, CultureInfo.InvariantCulture),
        };
    }
}
