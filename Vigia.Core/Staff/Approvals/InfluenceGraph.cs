using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.Approvals;

/// <summary>
/// Knows which people may have had access to which accounts in the last 30 days. Two people are independent when
/// neither took part in giving the other access, and no single person can have used both accounts, directly or through
/// a third account.
/// </summary>
internal sealed class InfluenceGraph
{
    /// <summary>How long taking part in somebody's access counts.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromDays(30);

    // Changing roles or enabling an account does not touch the password or the second factor. These actions make the
    // two people dependent, but they do not let one use the other's account.
    private static readonly InfluenceKind[] WithoutKey = [InfluenceKind.AccessChanged, InfluenceKind.Enabled];

    private readonly HashSet<(Guid StaffId, Guid ById)> _direct;
    private readonly ILookup<Guid, Guid> _keyHolders;

    private InfluenceGraph(IReadOnlyCollection<(Guid StaffId, Guid ById, InfluenceKind Kind)> influences)
    {
        _direct = [.. influences.Select(i => (i.StaffId, i.ById))];
        _keyHolders = influences.Where(i => !WithoutKey.Contains(i.Kind)).ToLookup(i => i.StaffId, i => i.ById);
    }

    public static async Task<InfluenceGraph> ReadAsync(
        MasterContext db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var since = now - Window;
        var rows = await db.Set<StaffInfluence>().Where(i => i.At > since && i.ById != null)
            .Select(i => new { i.StaffId, i.ById, i.Kind }).Distinct().ToListAsync(cancellationToken);
        return new InfluenceGraph([.. rows.Select(row => (row.StaffId, row.ById!.Value, row.Kind))]);
    }

    public bool AreIndependent(Guid one, Guid other) =>
        !_direct.Contains((one, other)) && !_direct.Contains((other, one))
            && !HoldersOf(one).Overlaps(HoldersOf(other));

    // The person and everybody who can have used the account, also through an account that they could use before.
    private HashSet<Guid> HoldersOf(Guid id)
    {
        var (holders, open) = (new HashSet<Guid> { id }, new Queue<Guid>([id]));
        while (open.TryDequeue(out var account))
        {
            foreach (var holder in _keyHolders[account].Where(holders.Add))
            {
                open.Enqueue(holder);
            }
        }

        return holders;
    }
}
