using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Registry.Audit;

/// <summary>A place of the trail that does not hold.</summary>
/// <param name="Seq">The place. For a missing or wrong range, its first place.</param>
/// <param name="Why">The problem.</param>
public sealed record AuditFinding(long Seq, Message Why)
{
    /// <summary>The number of places from the first one on.</summary>
    public long Places { get; init; } = 1;
}

/// <summary>The result of a verification.</summary>
/// <param name="Rows">The number of records that were read.</param>
/// <param name="Head">The present end of the chain, to be kept elsewhere.</param>
public sealed record AuditVerdict(long Rows, AuditHeadMark Head)
{
    /// <summary>The largest number of findings that are listed. All findings are counted.</summary>
    public const int MaxListed = 20;

    /// <summary>SHA-256 of the public key that verifies the head's signature. Null when the keys are missing.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>The number of places that do not hold.</summary>
    public long Broken { get; init; }

    /// <summary>The last place that does not hold.</summary>
    public long? LastBroken { get; init; }

    /// <summary>The first findings.</summary>
    public IReadOnlyList<AuditFinding> Findings { get; init; } = [];

    /// <summary>The first place that does not hold. Null when all hold.</summary>
    public long? FirstBroken => Findings is [var first, ..] ? first.Seq : null;

    /// <summary>The problem at that place.</summary>
    public Message? Why => Findings is [var first, ..] ? first.Why : null;

    public bool Holds => Broken == 0;

    /// <summary>The same with one more finding, if there is one, at its place among the others.</summary>
    internal AuditVerdict With(AuditFinding? more)
    {
        if (more is null)
        {
            return this;
        }

        var before = Findings.TakeWhile(finding => finding.Seq <= more.Seq).ToList();
        return this with
        {
            Broken = Broken + more.Places,
            LastBroken = Math.Max(LastBroken ?? 0, more.Seq + more.Places - 1),
            Findings = [.. before.Append(more).Concat(Findings.Skip(before.Count)).Take(MaxListed)],
        };
    }
}

/// <summary>Counts findings and keeps the first ones.</summary>
internal sealed class AuditFindings
{
    private readonly List<AuditFinding> _listed = [];

    public long Count { get; private set; }

    public long? Last { get; private set; }

    public void Add(long seq, Message why, long places = 1)
    {
        Count += places;
        Last = Math.Max(Last ?? 0, seq + places - 1);
        if (_listed.Count < AuditVerdict.MaxListed)
        {
            _listed.Add(new AuditFinding(seq, why) { Places = places });
        }
    }

    public AuditVerdict ToVerdict(long rows, AuditHead head, AuditKeys? keys) =>
        new(rows, head.Mark) { Fingerprint = keys?.Fingerprint, Broken = Count, LastBroken = Last, Findings = _listed };
}
