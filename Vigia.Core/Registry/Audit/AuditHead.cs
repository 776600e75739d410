using System.Globalization;
using System.Text;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Registry.Audit;

/// <summary>
/// The single row whose lock serialises appending. It holds the signed end of the chain and the wrapped keys of the
/// chain. Values are trusted only after <see cref="AuditKeys"/> has checked them, because the database's owner can
/// write the whole row.
/// </summary>
public sealed class AuditHead
{
    public int Id { get; init; }

    /// <summary>The place of the last record.</summary>
    public long Seq { get; set; }
    public byte[] Hash { get; set; } = [];

    /// <summary>The time of the last record.</summary>
    public DateTimeOffset? At { get; set; }

    /// <summary>The number of the chain. It begins with 1, and every <c>begin-audit-chain</c> adds 1.</summary>
    public int Chain { get; set; }

    /// <summary>A random id, created when the chain began.</summary>
    public Guid ChainId { get; set; }

    /// <summary>
    /// The place of the chain's first record. Earlier records belong to earlier chains and are sealed by that record.
    /// </summary>
    public long FirstSeq { get; set; } = 1;

    /// <summary>The random HMAC key, wrapped. Null before the first start.</summary>
    public string? WrappedKey { get; set; }

    /// <summary>The private signing key, wrapped.</summary>
    public string? WrappedSigningKey { get; set; }

    /// <summary>
    /// The public key for third parties (X.509 SubjectPublicKeyInfo). The portal itself derives it from the private
    /// key.
    /// </summary>
    public byte[]? PublicKey { get; set; }

    /// <summary>The signature of <see cref="Statement"/>: ECDSA P-256, SHA-256, DER.</summary>
    public byte[]? Signature { get; set; }

    /// <summary>The exact text that is signed. The exported file contains these bytes.</summary>
    public byte[] Statement() => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"vigia audit head\nchain: {Chain} {ChainId:D}\nfirst: {FirstSeq}\nseq: {Seq}\n"
        + $"hash: {Convert.ToHexString(Hash)}\nat: {At?.UtcDateTime.ToString("O") ?? "-"}\n"));

    public AuditHeadMark Mark => new(Seq, Convert.ToHexString(Hash));
}

/// <summary>The end of a chain at some moment, as it was noted or exported.</summary>
/// <param name="Seq">The place of the last record. 0 for an empty chain.</param>
/// <param name="Hash">The hash of the last record, in hexadecimal.</param>
public sealed record AuditHeadMark(long Seq, string Hash)
{
    internal bool IsHash(byte[] hash) =>
        string.Equals(Hash, Convert.ToHexString(hash), StringComparison.OrdinalIgnoreCase);

    public override string ToString() => $"{Seq} {Hash}";
}

/// <summary>A head and its chain.</summary>
/// <param name="Chain">The chain's number.</param>
/// <param name="Mark">The end of the chain at that moment.</param>
public sealed record AuditHeadOfChain(int Chain, Guid ChainId, AuditHeadMark Mark)
{
    public static AuditHeadOfChain Of(AuditHead head) => new(head.Chain, head.ChainId, head.Mark);

    /// <summary>
    /// Says what is wrong with <paramref name="head"/>, given that this earlier head is known. Null when nothing is
    /// wrong.
    /// </summary>
    internal Message? ProblemOf(AuditHead head)
    {
        if (head.Chain > Chain)
        {
            return null;
        }

        if (head.Chain == Chain && head.ChainId != ChainId)
        {
            return new("audit_chain_replaced", Number(Mark.Seq));
        }

        return head.Chain < Chain || head.Seq < Mark.Seq ? new("audit_rolled_back", Number(Mark.Seq), Number(head.Seq))
            : head.Seq == Mark.Seq && !Mark.IsHash(head.Hash) ? new("audit_chain_replaced", Number(Mark.Seq)) : null;
    }

    /// <summary>Whether this one is later than <paramref name="other"/>.</summary>
    internal bool IsAfter(AuditHeadOfChain? other) =>
        other is null || Chain > other.Chain || (Chain == other.Chain && Mark.Seq > other.Mark.Seq);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
