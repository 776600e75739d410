using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Audit;

/// <summary>A page of the trail, newest first.</summary>
/// <param name="Items">The records.</param>
/// <param name="Total">The number of matching records, also of those that a row stands for.</param>
/// <param name="Page">The number of the page, from 1.</param>
/// <param name="Head">The present end of the chain.</param>
public sealed record AuditPage(IReadOnlyList<AuditEvent> Items, int Total, int Page, int PageSize, AuditHeadMark Head)
    : ListPage<AuditEvent>(Items, Total, Page, PageSize)
{
    /// <summary>The names of the tenants of the records, by their ids. See <see cref="TenantNames"/>.</summary>
    public IReadOnlyDictionary<int, string> Names { get; init; } = new Dictionary<int, string>();

    /// <summary>The records that stand for others, by their places.</summary>
    public IReadOnlyDictionary<long, AuditFold> Folds { get; init; } = new Dictionary<long, AuditFold>();

    /// <summary>
    /// The oldest record that was compared with the text, when older ones were not. Looking further begins after it.
    /// Null when there is a next page, or nothing older.
    /// </summary>
    public AuditEvent? ComparedTo { get; init; }
}
