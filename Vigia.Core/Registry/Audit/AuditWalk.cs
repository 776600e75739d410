using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Npgsql;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Registry.Audit;

/// <summary>
/// One pass over the records in order, with one record in memory at a time. After a record that does not hold the walk
/// continues, and the next record is checked against its own stored predecessor hash. Therefore one altered record is
/// one finding and does not invalidate the rest of the chain.
/// </summary>
internal sealed class AuditWalk(
    AuditHead head, AuditKeys? keys, ILookup<long, AuditHeadMark> exported, AuditFindings findings,
    AuditHeadMark? kept = null) : IDisposable
{
    internal const string Sql = """
        SELECT seq, at, actor_id, actor_name, actor_address, action, tenant_id, ruc, subdomain, before::text,
               after::text, reason, operation_id, trace_id,
               via, signature_meaning, signed_with, body, previous_hash, hash
        FROM portal.audit_events ORDER BY seq
        """;

    private const int Body = 17;
    private const int PreviousHash = 18;
    private const int Hash = 19;

    private static readonly string[] Columns =
        ["seq", "at", "actor_id", "actor_name", "actor_address", "action", "tenant_id", "ruc", "subdomain", "before",
            "after", "reason", "operation_id", "trace_id",
            "via", "signature_meaning", "signed_with"];

    private static readonly int[] JsonColumns = [9, 10];

    private readonly AuditDigest _sealed = new();
    private byte[] _previous = new byte[32];
    private bool _previousHolds = true;
    private long _expected = head.Chain <= 1 ? 1 : head.FirstSeq;

    public long Rows { get; private set; }

    /// <summary>
    /// The difference from a head that a person kept. It is apart from the findings, because such a head may be
    /// mistyped.
    /// </summary>
    public AuditFinding? OfKept { get; private set; }

    public void Dispose() => _sealed.Dispose();

    public void Add(NpgsqlDataReader row)
    {
        Rows++;
        if (Place(row) is not { } seq)
        {
            findings.Add(_expected, new Message("audit_row_altered"));
            return;
        }

        if (head.Chain > 1 && seq < head.FirstSeq)
        {
            // The record belongs to an earlier chain and is sealed by the first record of this one.
            _sealed.Add(row);
            return;
        }

        if (seq > _expected)
        {
            findings.Add(_expected,
                seq == _expected + 1 ? new Message("audit_row_missing")
                : new Message("audit_rows_missing", Number(_expected), Number(seq - 1)), seq - _expected);
            _previousHolds = false;
        }

        var begins = head.Chain > 1 && seq == head.FirstSeq;
        var (hash, problem) = EvaluateRow(row, begins, exported[seq]);
        if (problem is not null)
        {
            findings.Add(seq, problem);
        }
        else if (kept?.Seq == seq && !kept.IsHash(hash))
        {
            OfKept = new AuditFinding(seq, new Message("audit_not_the_kept_head"));
        }

        (_expected, _previous, _previousHolds) = (Math.Max(_expected, seq + 1), hash, problem is null);
    }

    /// <summary>
    /// Runs after the last record: the end must match the head and every head that was kept elsewhere.
    /// </summary>
    public void End()
    {
        var last = _expected - 1;
        var latest = Math.Max(head.Seq, exported.Select(mark => mark.Key).DefaultIfEmpty(0).Max());
        if (latest > last)
        {
            findings.Add(last + 1, new Message("audit_end_missing"), latest - last);
        }
        else if (head.Seq != last || (Rows > 0 && !head.Mark.IsHash(_previous)))
        {
            findings.Add(last, new Message("audit_head_altered"));
        }

        var end = Math.Max(last, latest);
        if (kept?.Seq > end)
        {
            OfKept = new AuditFinding(end + 1, new Message("audit_end_missing")) { Places = kept.Seq - end };
        }
    }

    /// <summary>Reads the place of a row of <see cref="Sql"/>. Null when it is unreadable.</summary>
    internal static long? Place(NpgsqlDataReader row)
    {
        try
        {
            return row.GetInt64(0);
        }
        catch (Exception e) when (AuditUnreadable.Is(e))
        {
            return null;
        }
    }

    /// <summary>Reads the hash of a row of <see cref="Sql"/>. Null when it is unreadable.</summary>
    internal static byte[]? HashOf(NpgsqlDataReader row)
    {
        try
        {
            return row.GetFieldValue<byte[]>(Hash);
        }
        catch (Exception e) when (AuditUnreadable.Is(e))
        {
            return null;
        }
    }

    private (byte[] Hash, Message? Problem) EvaluateRow(
        NpgsqlDataReader row, bool begins, IEnumerable<AuditHeadMark> marks)
    {
        if (HashOf(row) is not { } hash)
        {
            return ([], new Message("audit_row_altered"));
        }

        try
        {
            var problem = VerifyRecord(row, hash, begins || !_previousHolds) ?? (begins ? VerifySeal(row) : null);
            return (hash, problem
                ?? (marks.All(mark => mark.IsHash(hash)) ? null : new Message("audit_not_the_kept_head")));
        }
        catch (Exception e) when (AuditUnreadable.Is(e))
        {
            // A column contains a value that no record has. Without its key, the text can be anything.
            return (hash, new Message("audit_row_altered"));
        }
    }

    private Message? VerifyRecord(NpgsqlDataReader row, byte[] hash, bool linkUnknown)
    {
        var (body, previous) = (row.GetString(Body), row.GetFieldValue<byte[]>(PreviousHash));
        if (keys is not null && !CryptographicOperations.FixedTimeEquals(hash, keys.Hash(previous, body)))
        {
            return new Message("audit_row_altered");
        }

        if (row.GetInt64(0) < _expected || (!linkUnknown && !previous.AsSpan().SequenceEqual(_previous)))
        {
            return new Message("audit_row_altered");
        }

        return CompareColumns(row, body);
    }

    private static Message? CompareColumns(NpgsqlDataReader row, string body)
    {
        using var said = JsonDocument.Parse(body);
        for (var column = 0; column < Columns.Length; column++)
        {
            // Records that are older than a column have no value for it in their text. The column must then be empty.
            var has = column < said.RootElement.GetArrayLength();
            if (has ? !Matches(said.RootElement[column], row, column) : !row.IsDBNull(column))
            {
                return new Message("audit_column_altered", Columns[column]);
            }
        }

        return null;
    }

    private static bool Matches(JsonElement said, NpgsqlDataReader row, int column)
    {
        if (row.IsDBNull(column) || said.ValueKind == JsonValueKind.Null)
        {
            return row.IsDBNull(column) && said.ValueKind == JsonValueKind.Null;
        }

        return JsonColumns.Contains(column) ? AuditStored.IsSameJson(said.GetString()!, row.GetString(column))
            : said.ToString() == AuditStored.Column(row.GetValue(column));
    }

    // Compares the chain's first record with the records before it.
    private Message? VerifySeal(NpgsqlDataReader row)
    {
        if (row.GetString(5) != AuditChains.Begun || row.IsDBNull(10))
        {
            return new Message("audit_seal_missing");
        }

        using var after = JsonDocument.Parse(row.GetString(10));
        return after.RootElement.TryGetProperty(AuditChains.SealedRows, out var rows) && rows.TryGetInt64(out var count)
            && after.RootElement.TryGetProperty(AuditChains.SealedDigest, out var digest) && count == _sealed.Rows
                && digest.GetString() == _sealed.Result()
                ? null : new Message("audit_sealed_altered", Number(head.FirstSeq - 1));
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>SHA-256 over all columns of records, as they are stored.</summary>
internal sealed class AuditDigest : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public long Rows { get; private set; }

    /// <summary>Adds a row of <see cref="AuditWalk.Sql"/>.</summary>
    public void Add(NpgsqlDataReader row)
    {
        Rows++;
        for (var column = 0; column < row.FieldCount; column++)
        {
            var (length, bytes) = Read(row, column);
            _hash.AppendData(BitConverter.GetBytes(length));
            _hash.AppendData(bytes);
        }
    }

    // A text never has a negative length, so null and unreadable values can't be mistaken for a text.
    private static (int Length, byte[] Bytes) Read(NpgsqlDataReader row, int column)
    {
        try
        {
            if (row.IsDBNull(column))
            {
                return (-1, []);
            }

            var text = AuditStored.Column(row.GetValue(column))!;

            // A later PostgreSQL may write jsonb differently.
            var bytes = Encoding.UTF8.GetBytes(
                row.GetName(column) is "before" or "after" ? AuditStored.Canonical(text) : text);
            return (bytes.Length, bytes);
        }
        catch (Exception e) when (AuditUnreadable.Is(e))
        {
            return (-2, []);
        }
    }

    /// <summary>The digest of all added rows, in hexadecimal.</summary>
    public string Result() => Convert.ToHexString(_hash.GetCurrentHash());

    public void Dispose() => _hash.Dispose();
}
